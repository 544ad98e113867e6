"""Events that go wrong on demand. A fault waits here until an event matches it."""

from dataclasses import dataclass
from random import Random

from stripe_sandbox.faults.chance import Chance, draw, is_number

# Each kind, and the seconds it takes where none are given.
KINDS = {
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
    fault: str
    type: str | None = None  # a prefix
    seconds: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fault not in KINDS:
            raise ValueError(f"`fault` is one of {', '.join(KINDS)}.")
        if self.type is not None and not isinstance(self.type, str):
            raise ValueError("`type` is the beginning of an event's type.")
        if self.seconds is None:
            self.seconds = KINDS[self.fault]
        elif not KINDS[self.fault]:
            raise ValueError(f"`{self.fault}` takes no `seconds`.")
        elif not is_number(self.seconds):
            raise ValueError("`seconds` is a number.")

    def matches(self, kind: str) -> bool:
        return self.type is None or kind.startswith(self.type)

    @property
    def delay(self) -> float:
        return self.seconds or 0.0


def next_event_fault(faults: list[EventFault], random: Random, *, kind: str) -> EventFault | None:
    return draw(faults, random, lambda each: each.matches(kind))
