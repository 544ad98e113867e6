"""Calls that go wrong on demand. A fault waits here until a call matches it."""

from dataclasses import dataclass
from random import Random
from types import NoneType

from stripe_sandbox.faults.chance import Chance, draw, is_number, is_whole
from stripe_sandbox.http.errors import StripeError


@dataclass(kw_only=True)
class CallFault(Chance):
    """For calls whose method and path match: answer `status`, `drop` the connection, or take
    `latency` seconds more. `effect` says whether a status comes before or after the call acted."""

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
            raise ValueError("`method` and `path` are texts.")
        if not all(each is None or is_whole(each) for each in (self.status, self.retry_after)):
            raise ValueError("`status` and `retry_after` are integers.")
        if self.latency is not None and not is_number(self.latency):
            raise ValueError("`latency` is a number of seconds.")
        if self.drop not in (None, "before", "after") or self.effect not in ("before", "after"):
            raise ValueError('`drop` and `effect` are "before" or "after".')
        if [self.status, self.drop, self.latency].count(None) != 2:
            raise ValueError("A fault has one of `status`, `drop` and `latency`.")
        if self.status is None and (self.effect != "before" or self.retry_after is not None):
            raise ValueError("`effect` and `retry_after` go with a `status`.")

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and path.startswith(self.path)

    def failure(self, *, effect: str) -> StripeError | None:
        """What the call answers before, or after, it had its effect; None where it just goes on."""
        if self.status is None or self.effect != effect:
            return None
        return status_error(self.status, retry_after=self.retry_after)


NO_FAULT = CallFault(latency=0)


def next_call_fault(
    faults: list[CallFault], random: Random, *, method: str, path: str
) -> CallFault:
    """The fault that this call has, or `NO_FAULT`."""
    return draw(faults, random, lambda each: each.matches(method, path)) or NO_FAULT


def status_error(status: int, *, retry_after: int | None = None) -> StripeError:
    kind = "invalid_request_error" if status < 500 else "api_error"
    code = "rate_limit" if status == 429 else None
    error = StripeError(
        f"The local Stripe was told to fail with {status}.", code=code, status=status, kind=kind
    )
    if retry_after is not None:
        error.headers["Retry-After"] = str(retry_after)
    return error
