"""Calls that go wrong on demand. A fault waits here until a call matches it."""

from dataclasses import dataclass
from types import NoneType
from typing import Any

from stripe_sandbox.errors import StripeError


@dataclass
class Fault:
    """For the next `count` calls whose method and path match: answer `status`, or `drop` the
    connection `before` or `after` the call has had its effect."""

    count: int = 1
    method: str | None = None
    path: str = "/v1/"  # a prefix
    status: int | None = None
    drop: str | None = None

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and path.startswith(self.path)


def read_faults(described: list[Any]) -> list[Fault]:
    return [_read_fault(each) for each in described]


def _read_fault(described: Any) -> Fault:
    try:
        fault = Fault(**described)
    except TypeError as problem:
        raise ValueError(f"A fault can't be read: {problem}") from None
    if not isinstance(fault.count, int) or not isinstance(fault.status, int | NoneType):
        raise ValueError("`count` and `status` are integers.")
    if fault.drop not in (None, "before", "after"):
        raise ValueError('`drop` must be "before" or "after".')
    if (fault.status is None) == (fault.drop is None):
        raise ValueError("A fault has either a `status` or a `drop`.")
    return fault


def take(faults: list[Fault], method: str, path: str) -> Fault | None:
    fault = next((each for each in faults if each.matches(method, path)), None)
    if fault is not None:
        fault.count -= 1
        if fault.count <= 0:
            faults.remove(fault)
    return fault


def failure(status: int) -> StripeError:
    kind = "invalid_request_error" if status < 500 else "api_error"
    code = "rate_limit" if status == 429 else None
    return StripeError(
        f"The local Stripe was told to fail with {status}.", code=code, status=status, kind=kind
    )
