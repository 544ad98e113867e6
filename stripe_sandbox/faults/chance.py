"""How often something goes wrong: the next so many times, or a share of them."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(kw_only=True)
class Chance:
    """`count` alone: the next so many times. `share` alone: that part of them, without end. Both:
    that part, until it has happened so often. None of them: once."""

    count: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.count is None and self.share is None:
            self.count = 1
        if self.count is not None and not is_whole(self.count):
            raise ValueError("`count` is an integer.")
        if self.share is not None and not (is_number(self.share) and 0 <= self.share <= 1):
            raise ValueError("`share` is a number from 0 to 1.")

    def strikes(self, random: Random) -> bool:
        return self.share is None or random.random() < self.share


def draw[Each: Chance](
    waiting: list[Each], random: Random, fits: Callable[[Each], bool]
) -> Each | None:
    """The first that fits and strikes; one that is used up leaves the list."""
    for each in waiting:
        if fits(each) and each.strikes(random):
            if each.count is not None:
                each.count -= 1
                if each.count <= 0:
                    waiting.remove(each)
            return each
    return None


def read_all[Each: Chance](kind: type[Each], described: list[Any]) -> list[Each]:
    """Raises `ValueError` in words for whoever wrote the description."""
    try:
        return [kind(**each) for each in described]
    except TypeError as problem:
        raise ValueError(f"A fault can't be read: {problem}") from None


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
