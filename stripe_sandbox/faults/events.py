"""Faults of events: late, lost, twice, out of order, with a wrong signature."""

from dataclasses import dataclass
from random import Random

from stripe_sandbox.faults.chance import Chance, is_number, next_match

# The kinds of faults, with the default of `seconds`; 0 for a kind that takes no `seconds`.
DEFAULT_SECONDS = {
    "late": 5.0,
    "never": 0.0,
    "duplicate": 0.0,
    "duplicate_id": 0.0,
    "out_of_order": 2.0,
    "before_redirect": 0.0,
    "after_redirect": 1.0,
    "wrong_secret": 0.0,
}


@dataclass(kw_only=True)
class EventFault(Chance):
    """Applies to events whose type begins with `type`."""

    fault: str
    type: str | None = None  # a prefix
    seconds: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fault not in DEFAULT_SECONDS:
            raise ValueError(f"`fault` must be one of {', '.join(DEFAULT_SECONDS)}.")
        if self.type is not None and not isinstance(self.type, str):
            raise ValueError("`type` must be a string: the beginning of an event type.")
        if self.seconds is None:
            self.seconds = DEFAULT_SECONDS[self.fault]
        elif not DEFAULT_SECONDS[self.fault]:
            raise ValueError(f"`{self.fault}` takes no `seconds`.")
        elif not is_number(self.seconds):
            raise ValueError("`seconds` must be a number.")

    def matches(self, kind: str) -> bool:
        return self.type is None or kind.startswith(self.type)

    @property
    def delay(self) -> float:
        return self.seconds or 0.0


def next_event_fault(faults: list[EventFault], random: Random, *, kind: str) -> EventFault | None:
    """The fault of this event, or None."""
    return next_match(faults, random, lambda each: each.matches(kind))
