"""Compares answers and events with the table of the fields that Stripe sends.

The tests name a file in `STRIPE_SANDBOX_FIELD_REPORT`, and fail if anything was written to it.
"""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

REPORT = "STRIPE_SANDBOX_FIELD_REPORT"

# Undocumented: Stripe's command line pays sessions with it.
WITHOUT_TYPES = frozenset({"payment_page"})

type Presences = dict[str, str]


@cache
def table() -> dict[str, Presences]:
    """For each object, the presence of each field: required, nullable, optional or both."""
    read = json.loads((Path(__file__).parent / "table.json").read_text())
    objects: dict[str, Presences] = read["objects"]
    return objects


def report(cause: str, body: dict[str, Any], *, is_public: bool = False) -> None:
    """Write wrong fields to the file that the tests name."""
    path = os.environ.get(REPORT)
    found = differences(body, is_public=is_public) if path else []
    if path and found:
        with Path(path).open("a") as file:
            file.writelines(f"{cause}: {each}\n" for each in found)


def differences(body: dict[str, Any], *, is_public: bool = False) -> list[str]:
    """Name every field that Stripe wouldn't send like this.

    A publishable key sees only a part of an object (`is_public`), so its fields may be missing.
    """
    if "error" in body:
        error = body["error"]
        return [*_described("error", error, is_public), *_inner(error, is_public)]
    return list(_of(body, is_public))


def _of(value: Any, is_public: bool) -> Iterator[str]:
    """The differences of all objects in a value."""
    if isinstance(value, dict):
        if isinstance(value.get("object"), str):
            yield from _described(_kind(value), value, is_public)
        yield from _inner(value, is_public)
    elif isinstance(value, list):
        for each in value:
            yield from _of(each, is_public)


def _inner(body: dict[str, Any], is_public: bool) -> Iterator[str]:
    for each in body.values():
        yield from _of(each, is_public)


def _kind(body: dict[str, Any]) -> str:
    return f"{body['object']} (deleted)" if body.get("deleted") else str(body["object"])


def _described(kind: str, body: dict[str, Any], is_public: bool) -> Iterator[str]:
    if kind in WITHOUT_TYPES:
        return
    if kind not in table():
        yield f"{kind} isn't in the table of fields"
        return
    for difference in _differences(kind, body, ""):
        if not (is_public and difference.endswith(" is missing")):
            yield f"{kind}: {difference}"


def _differences(kind: str, value: Any, path: str) -> Iterator[str]:
    """The differences of the fields of an object below `path`, which ends with a dot."""
    if isinstance(value, list):
        for each in value:
            yield from _differences(kind, each, path)
    if not isinstance(value, dict) or (path and "object" in value):
        return
    known = _fields(kind).get(path)
    if known is None:
        return  # metadata, and objects that the types don't describe
    for name, presence in known.items():
        if name not in value and "optional" not in presence:
            yield f"{path}{name} is missing"
        elif name in value and value[name] is None and "nullable" not in presence:
            yield f"{path}{name} is null"
    for name, inner in value.items():
        if name not in known:
            yield f"{path}{name} isn't a field at Stripe"
        else:
            yield from _differences(kind, inner, f"{path}{name}.")


@cache
def _fields(kind: str) -> dict[str, Presences]:
    """The presences by the path of their parent, which ends with a dot, and by their name."""
    by_parent: dict[str, Presences] = {}
    for path, presence in table()[kind].items():
        parent, _, name = path.rpartition(".")
        by_parent.setdefault(f"{parent}." if parent else "", {})[name] = presence
    return by_parent
