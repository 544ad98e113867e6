"""How long a buyer waits for Stripe, and how many of the server's threads may wait at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import BoundedSemaphore
from typing import Any

import requests
from django.conf import settings
from django.db import close_old_connections, connection

# For all calls of one request together, so that its answer comes before people give up.
REQUEST_SECONDS = 12
SLOT_SECONDS = 2
# Half of the threads: the other half serves pages while Stripe hangs.
_slots = BoundedSemaphore(max(1, settings.WORKER_THREADS // 2))
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


class TooBusy(Exception):
    """As many threads wait for Stripe as may."""


@contextmanager
def patience(seconds: float = REQUEST_SECONDS) -> Iterator[None]:
    """All calls to Stripe within it end within `seconds`; also a decorator of views."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def slot() -> Iterator[None]:
    """Room for one call. Raises TooBusy."""
    if not connection.in_atomic_block:
        close_old_connections()  # to the pool: who waits for Stripe keeps no page from the database
    if not _slots.acquire(timeout=SLOT_SECONDS):
        raise TooBusy("too many calls to Stripe wait already")
    try:
        yield
    finally:
        _slots.release()


class PatientSession(requests.Session):
    """Cuts the timeouts of a call to what is left of the request's patience."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        left = _deadline.get() - time.monotonic()
        if left <= 0:  # of a kind that the stripe library doesn't try again
            raise requests.RequestException("the request has no time left for Stripe")
        connect, read = kwargs["timeout"]
        kwargs["timeout"] = (min(connect, left), min(read, left))
        return super().request(*args, **kwargs)
