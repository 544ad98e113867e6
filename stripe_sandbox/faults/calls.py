"""Faults of API calls: an error status, a dropped connection, or a delay."""

from dataclasses import dataclass
from random import Random
from types import NoneType

from stripe_sandbox.faults.chance import Chance, is_integer, is_number, next_match
from stripe_sandbox.http.errors import StripeError


@dataclass(kw_only=True)
class CallFault(Chance):
    """Applies to calls that match `method` and `path`.

    The call answers `status`, loses its connection (`drop`), or takes `latency` seconds longer.
    `effect` tells whether the status is sent before or after the call acts.
    """

    method: str | None = None
    path: str = "/v1/"  # a prefix
    status: int | None = None
    effect: str = "before"
    retry_after: int | None = None
    drop: str | None = None
    latency: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.path, str) or not isinstance(self.method, str | NoneType):
            raise ValueError("`method` and `path` must be strings.")
        if not all(each is None or is_integer(each) for each in (self.status, self.retry_after)):
            raise ValueError("`status` and `retry_after` must be integers.")
        if self.latency is not None and not is_number(self.latency):
            raise ValueError("`latency` must be a number of seconds.")
        if self.drop not in (None, "before", "after") or self.effect not in ("before", "after"):
            raise ValueError('`drop` and `effect` must be "before" or "after".')
        if [self.status, self.drop, self.latency].count(None) != 2:
            raise ValueError("A fault needs exactly one of `status`, `drop` and `latency`.")
        if self.status is None and (self.effect != "before" or self.retry_after is not None):
            raise ValueError("`effect` and `retry_after` need a `status`.")

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and path.startswith(self.path)

    def failure(self, *, effect: str) -> StripeError | None:
        """The error that the call answers before or after it acts; None if there is none."""
        if self.status is None or self.effect != effect:
            return None
        return status_error(self.status, retry_after=self.retry_after)


NO_FAULT = CallFault(latency=0)


def next_call_fault(
    faults: list[CallFault], random: Random, *, method: str, path: str
) -> CallFault:
    """The fault of this call, or `NO_FAULT`."""
    return next_match(faults, random, lambda each: each.matches(method, path)) or NO_FAULT


def status_error(status: int, *, retry_after: int | None = None) -> StripeError:
    """The error of a simulated failure; `retry_after` is in seconds."""
    kind = "invalid_request_error" if status < 500 else "api_error"
    code = "rate_limit" if status == 429 else None
    error = StripeError(
        f"The local Stripe was told to fail with {status}.", code=code, status=status, kind=kind
    )
    if retry_after is not None:
        error.headers["Retry-After"] = str(retry_after)
    return error
