"""The id of the current request, for log lines, the answer's header and Stripe's metadata."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Return the current request's id; "" outside of a request (a management command)."""
    return _current.get()


@contextmanager
def new_request_id() -> Iterator[str]:
    """Set a new id for the block. A client's own id could put any text into the log."""
    token = _current.set(uuid4().hex)
    try:
        yield _current.get()
    finally:
        _current.reset(token)
