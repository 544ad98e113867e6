"""The id of the request that is being answered: in its log lines, its answer and Stripe's metadata.

It lives in the lowest layer, so that every other may ask for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the present request, "" outside of one (a management command)."""
    return _current.get()


@contextmanager
def new_request_id() -> Iterator[str]:
    """Made here, never taken from outside: a header could bring anything into the log."""
    token = _current.set(uuid4().hex)
    try:
        yield _current.get()
    finally:
        _current.reset(token)
