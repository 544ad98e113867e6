"""Events, with the object as it was then, and the attempts to deliver them."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.parameter_types import api_version


@dataclass(frozen=True)
class Cause:
    """The API call that caused an event; empty if the buyer, the bank or time did."""

    request_id: str | None = None
    idempotency_key: str | None = None


NO_REQUEST = Cause()


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The `previous_attributes` of an update: what has changed, as it was; null if it is new."""
    previous: dict[str, Any] = {}
    for name in before | after:
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            old, new = changed(old, new), {}
        if old != new:
            previous[name] = old
    return previous


@dataclass(frozen=True)
class Attempt:
    """An attempt to deliver an event. `at` is a timestamp."""

    url: str
    at: float
    seconds: float
    status: int | None  # None if no answer came; `error` says why
    error: str | None = None

    @property
    def was_acknowledged(self) -> bool:
        """A redirect is a failure, because Stripe doesn't follow it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass
class Event:
    """An event (docs.stripe.com/api/events); `subject` is a copy of the object's JSON."""

    account: str
    type: str
    subject: dict[str, Any]
    created: int
    cause: Cause = NO_REQUEST
    id: str = field(default_factory=lambda: new_id("evt"))
    attempts: list[Attempt] = field(default_factory=list)
    fault: str | None = None  # the kind of its `EventFault`
    previous: dict[str, Any] | None = None  # what an update has changed

    def duplicate(self) -> "Event":
        """The same event with another id. Stripe sometimes sends such duplicates, too."""
        return replace(self, id=new_id("evt"), attempts=[])

    @property
    def is_acknowledged(self) -> bool:
        return any(attempt.was_acknowledged for attempt in self.attempts)

    def as_json(self) -> dict[str, Any]:
        previous = {} if self.previous is None else {"previous_attributes": self.previous}
        return {
            "id": self.id,
            "object": "event",
            "api_version": api_version(),
            "created": self.created,
            "data": {"object": self.subject} | previous,
            "livemode": False,
            "pending_webhooks": 0 if self.is_acknowledged else 1,
            "request": {
                "id": self.cause.request_id,
                "idempotency_key": self.cause.idempotency_key,
            },
            "type": self.type,
        }

    def payload(self) -> str:
        return json.dumps(self.as_json(), indent=2)
