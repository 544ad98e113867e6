"""A scenario is a list of calls; a call can use ids and secrets of earlier answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Form = Mapping[str, Any]
type Body = dict[str, Any]

# `$coupon.id`: a field of an earlier answer; `$run`: the label of this run; `$now+60`: a timestamp.
_REFERENCE = re.compile(r"\$(?:(run)\b|now([+-]\d+)|(\w+)\.([\w.]+))")


class NoSuchAnswer(Exception):
    """An earlier answer doesn't have the field that a step needs."""


@dataclass(frozen=True)
class Step:
    """One call.

    `key` names the API key: "secret", "publishable", "none", or a literal one. An undocumented call
    is compared by its status only.
    """

    name: str
    method: str  # "EVENT" waits for an event of the type `path` about the object `form["object"]`
    path: str
    form: Form
    idempotency_key: str = ""
    key: str = "secret"
    is_documented: bool = True


@dataclass(frozen=True)
class Scenario:
    name: str
    steps: tuple[Step, ...]

    @property
    def needs_publishable_key(self) -> bool:
        return any(step.key == "publishable" for step in self.steps)


def scenario(name: str, *steps: Step) -> Scenario:
    return Scenario(name, steps)


def post(name: str, path: str, form: Form | None = None, **options: Any) -> Step:
    return Step(name, "POST", path, form or {}, **options)


def get(name: str, path: str, form: Form | None = None, **options: Any) -> Step:
    return Step(name, "GET", path, form or {}, **options)


def delete(name: str, path: str) -> Step:
    return Step(name, "DELETE", path, {})


def event(name: str, kind: str, about: str) -> Step:
    return Step(name, "EVENT", kind, {"object": about})


@dataclass(frozen=True)
class Names:
    """What references stand for. `now` is the time by the clock of the server."""

    run: str
    now: int
    answers: Mapping[str, Body]

    def resolve(self, value: Any) -> Any:
        """The value with all references replaced. Raises `NoSuchAnswer`."""
        if isinstance(value, str):
            return _REFERENCE.sub(self._meaning, value)
        if isinstance(value, Mapping):
            return {key: self.resolve(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        return value

    def _meaning(self, match: re.Match[str]) -> str:
        run, offset, step, path = match.groups()
        if run:
            return self.run
        if offset:
            return str(self.now + int(offset))
        found: Any = self.answers.get(step, {})
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, str | int):
            raise NoSuchAnswer(f"the answer to `{step}` has no {path}")
        return str(found)


def encode(form: Form) -> list[tuple[str, str]]:
    """Stripe's form notation: `line_items[0][price_data][currency]`, `usd`."""
    return [pair for key, value in form.items() for pair in _pairs(key, value)]


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _pairs(f"{name}[{key}]", each)
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from _pairs(f"{name}[{position}]", each)
    elif isinstance(value, bool):
        yield name, str(value).lower()
    else:
        yield name, str(value)
