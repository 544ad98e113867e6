"""Events: what happened, as it was when it happened, and every attempt to tell the shop."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.parameter_types import api_version


@dataclass(frozen=True)
class Cause:
    """The API call that an event comes from; none where time or the buyer did it."""

    request_id: str | None = None
    idempotency_key: str | None = None


NO_REQUEST = Cause()


@dataclass(frozen=True)
class Attempt:
    url: str
    at: float
    seconds: float
    status: int | None  # None where no answer came; `error` then says why
    error: str | None = None

    @property
    def was_acknowledged(self) -> bool:
        """A redirect is a failure: Stripe does not follow it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass
class Event:
    account: str
    type: str
    subject: dict[str, Any]
    created: int
    cause: Cause = NO_REQUEST
    id: str = field(default_factory=lambda: new_id("evt"))
    attempts: list[Attempt] = field(default_factory=list)
    fault: str | None = None  # what went wrong with it on purpose

    def duplicate(self) -> "Event":
        """The same fact under another id: Stripe, too, tells some things twice."""
        return replace(self, id=new_id("evt"), attempts=[])

    @property
    def is_acknowledged(self) -> bool:
        return any(attempt.was_acknowledged for attempt in self.attempts)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "event",
            "api_version": api_version(),
            "created": self.created,
            "data": {"object": self.subject},
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
