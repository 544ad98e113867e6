"""Compares a normalised answer of the local Stripe with the expected one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.contract.accepted import ACCEPTED
from tests.contract.steps import Body

ABSENT, PRESENT, NOT = "<absent>", "<present>", "<not> "


@dataclass(frozen=True)
class Difference:
    """`path` is a field of the answer to `step`; `is_lack`: the local Stripe has no such field."""

    step: str
    path: str
    expected: Any
    local: Any
    is_lack: bool = False

    def __str__(self) -> str:
        where = f"{self.step}: {self.path}"
        return f"{where}: Stripe {_shown(self.expected)}, local Stripe {_shown(self.local)}"

    @property
    def is_accepted(self) -> bool:
        return any(fnmatchcase(self.path, pattern) for pattern in ACCEPTED)


def _shown(value: Any) -> str:
    text = value if value in (ABSENT, PRESENT) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"


def differences(
    step: str, expected: Body, local: Body | None, *, is_complete: bool
) -> list[Difference]:
    """`is_complete`: a field that isn't in the expected answer must not be in the local one."""
    if local is None:
        return [Difference(step, "answer", PRESENT, ABSENT)]
    if message := _not_implemented(expected, local):
        return [Difference(step, "call", PRESENT, message, is_lack=True)]
    found = _compare(step, "", expected, local, is_complete)
    return [each for each in found if not each.is_accepted]


def _not_implemented(expected: Body, local: Body) -> str:
    """What the local Stripe says about a call that only Stripe implements."""
    message = str(local.get("body", {}).get("error", {}).get("message", ""))
    is_known = expected["status"] == local["status"]
    return message if "does not implement" in message and not is_known else ""


def _compare(
    step: str, path: str, expected: Any, local: Any, is_complete: bool
) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(local, dict):
        keys = [*expected, *(key for key in local if is_complete and key not in expected)]
        for key in keys:
            there = f"{path}.{key}" if path else key
            pair = expected.get(key, ABSENT), local.get(key, ABSENT)
            yield from _compare(step, there, *pair, is_complete)
    elif isinstance(expected, list) and isinstance(local, list) and len(expected) == len(local):
        for position, pair in enumerate(zip(expected, local, strict=True)):
            yield from _compare(step, f"{path}.{position}", *pair, is_complete)
    elif not _is_same(expected, local):
        yield Difference(step, path.removeprefix("body."), expected, local, local == ABSENT)


def _is_same(expected: Any, local: Any) -> bool:
    if expected == PRESENT:
        return bool(local != ABSENT)
    if isinstance(expected, str) and expected.startswith(NOT):
        return bool(local != expected.removeprefix(NOT))
    return bool(expected == local and type(expected) is type(local)) or _is_same_number(
        expected, local
    )


def _is_same_number(expected: Any, local: Any) -> bool:
    """JSON has one type of number: 10 and 10.0 are the same percentage."""
    numbers = [isinstance(each, int | float) for each in (expected, local)]
    truths = [isinstance(each, bool) for each in (expected, local)]
    return all(numbers) and not any(truths) and expected == local
