"""How this package calls Stripe: one HTTP session, a deadline, a limit of concurrent calls."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import BoundedSemaphore
from typing import Any

import requests
import stripe
from django.conf import settings
from django.db import close_old_connections, connection
from requests.adapters import HTTPAdapter

from payments.stripe_api import clock
from payments.stripe_api.errors import (
    AlreadyAtStripe,
    AmountTooLarge,
    AmountTooSmall,
    AmountTooSmallConverted,
    CallInFlight,
    FailureRepeated,
    NotFoundAtStripe,
    PermissionMissing,
    StripeCallFailed,
    StripeRefused,
    StripeUnavailable,
    TermsMissing,
)

CONNECT_AND_READ_SECONDS = (3, 10)
# Of one call, by the stripe library: https://docs.stripe.com/error-low-level#network-errors
RETRIES = 2
# All calls of one request together must end before buyers and proxies give up waiting.
REQUEST_SECONDS = 12
# How long a call waits for others to end when their limit is reached.
SLOT_SECONDS = 2
PAGE_SIZE = 100  # the maximum (https://docs.stripe.com/api/pagination)

# Half of the threads may wait for Stripe, so that the other half can serve pages when Stripe hangs.
_slots = BoundedSemaphore(max(1, settings.WORKER_THREADS // 2))
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


class TooManyCalls(StripeUnavailable):
    """The limit of concurrent Stripe calls is reached."""


class DeadlineSession(requests.Session):
    """An HTTP session that ends calls at the deadline, and learns Stripe's time from answers."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        left = seconds_left()
        if left <= 0:  # an exception that the stripe library doesn't retry
            raise requests.RequestException("the request has no time left for Stripe")
        connect, read = kwargs["timeout"]
        kwargs["timeout"] = (min(connect, left), min(read, left))
        sent_at = time.time()
        answer = super().request(*args, **kwargs)
        clock.learn(answer.headers.get("Date"), sent_at=sent_at, answered_at=time.time())
        return answer


def set_up() -> None:
    """Configure the stripe library, with one HTTP session so that connections are reused."""
    session = DeadlineSession()
    session.mount("https://", HTTPAdapter(pool_maxsize=settings.WORKER_THREADS))
    session.mount("http://", HTTPAdapter(pool_maxsize=settings.WORKER_THREADS))
    stripe.default_http_client = stripe.RequestsClient(
        timeout=CONNECT_AND_READ_SECONDS, session=session
    )
    stripe.max_network_retries = RETRIES
    stripe.enable_telemetry = False
    stripe.set_app_info("Minicart")
    stripe.api_base = settings.STRIPE_API_BASE or stripe.api_base


@contextmanager
def deadline(seconds: float = REQUEST_SECONDS) -> Iterator[None]:
    """End all calls to Stripe in this block within `seconds`. Can decorate a view.

    A block inside another one can't move the deadline further away.
    """
    token = _deadline.set(min(_deadline.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """The time until the deadline; infinite outside of a `deadline` block."""
    return _deadline.get() - time.monotonic()


@contextmanager
def call() -> Iterator[None]:
    """Make a call to Stripe in this block, once fewer than the allowed number are under way.

    Raises TooManyCalls, and StripeCallFailed instead of the stripe library's errors.
    """
    if not connection.in_atomic_block:
        # Return the connection to the pool, so that other requests can use it meanwhile.
        close_old_connections()
    if not _slots.acquire(timeout=SLOT_SECONDS):
        raise TooManyCalls("the limit of concurrent Stripe calls is reached")
    try:
        yield
    except stripe.StripeError as error:
        raise _translated(error) from error
    finally:
        _slots.release()


def metadata(reference: str, request_id: str) -> dict[str, str]:
    """The metadata by which Stripe's dashboard shows an object's order and request in our log."""
    return {"order": reference} | ({"request": request_id} if request_id else {})


def _translated(error: stripe.StripeError) -> StripeCallFailed:
    """Our error for one of the stripe library's: https://docs.stripe.com/api/errors"""
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError):
        return StripeUnavailable(_summary(error))
    if error.http_status == 409:
        return CallInFlight(_summary(error))
    if error.http_status is None or error.http_status >= 500:
        is_repeated = "Idempotent-Replayed" in (error.headers or {})
        return (FailureRepeated if is_repeated else StripeUnavailable)(_summary(error))
    param = getattr(error, "param", None) or ""  # not every class of errors has it
    return _refusal(error)(_summary(error), param=param, answer=error.user_message or "")


def _refusal(error: stripe.StripeError) -> type[StripeRefused]:
    if error.code == "amount_too_small":
        # Only the text says which of the two minimums it is: "must convert to at least 50 cents".
        was_converted = "must convert to" in str(error.user_message)
        return AmountTooSmallConverted if was_converted else AmountTooSmall
    if isinstance(error, stripe.PermissionError):
        return PermissionMissing
    if "consent to your terms of service" in str(error.user_message):  # an error without a code
        return TermsMissing
    refusals = {
        "amount_too_large": AmountTooLarge,
        "resource_already_exists": AlreadyAtStripe,
        "resource_missing": NotFoundAtStripe,
    }
    return refusals.get(error.code or "", StripeRefused)


def _summary(error: stripe.StripeError) -> str:
    """A line for the log with Stripe's id of the request, and without keys."""
    message = error.user_message or error
    name, status, code = type(error).__name__, error.http_status, error.code
    return f"{name} {status} {code}: {message} (request {error.request_id})"
