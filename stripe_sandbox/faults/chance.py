"""How often a fault happens: a number of times, or for a share of all calls or events."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(kw_only=True)
class Chance:
    """`count` alone: the next `count` times. `share` alone: with this probability, without end.
    Both: with this probability, `count` times at most. Neither: once."""

    count: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.count is None and self.share is None:
            self.count = 1
        if self.count is not None and not is_integer(self.count):
            raise ValueError("`count` must be an integer.")
        if self.share is not None and not (is_number(self.share) and 0 <= self.share <= 1):
            raise ValueError("`share` must be a number from 0 to 1.")

    def happens(self, random: Random) -> bool:
        return self.share is None or random.random() < self.share


def next_match[Each: Chance](
    waiting: list[Each], random: Random, fits: Callable[[Each], bool]
) -> Each | None:
    """The first fault that fits and happens. A fault that is used up is removed from the list."""
    for each in waiting:
        if fits(each) and each.happens(random):
            if each.count is not None:
                each.count -= 1
                if each.count <= 0:
                    waiting.remove(each)
            return each
    return None


def read_all[Each: Chance](kind: type[Each], described: list[Any]) -> list[Each]:
    """The faults that JSON describes. Raises `ValueError` with a message for the caller."""
    try:
        return [kind(**each) for each in described]
    except TypeError as problem:
        raise ValueError(f"Invalid fault: {problem}") from None


def is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
