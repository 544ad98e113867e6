"""`expand[]`: replaces an id in an answer with the object (docs.stripe.com/expand)."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from stripe_sandbox.http.errors import StripeError

# Fields that are only in an answer when they are expanded, and that aren't objects with an id.
OPTIONAL_FIELDS = frozenset(
    {
        "total_details.breakdown",
        "line_items.data.discounts",
        "line_items.data.taxes",
        "data.discounts",
        "data.taxes",
    }
)

MAX_LEVELS = 4

type Find = Callable[[str], dict[str, Any] | None]


def asks_for(paths: list[str], path: str) -> bool:
    """Tell whether `expand` has this path or one below it."""
    return any(f"{each}.".startswith(f"{path}.") for each in paths)


def expand(body: dict[str, Any], paths: list[str], find: Find) -> dict[str, Any]:
    """A copy of the answer with all `paths` expanded. Raises `StripeError` for a wrong path."""
    if not paths:
        return body
    expanded = deepcopy(body)
    for path in sorted(paths):
        if path.count(".") >= MAX_LEVELS:
            raise StripeError(
                f"You cannot expand more than {MAX_LEVELS} levels of a property. Property: {path}",
                code="property_expansion_max_depth",
            )
        _expand(expanded, path.split("."), path, find)
    return expanded


def _expand(node: Any, keys: list[str], path: str, find: Find) -> None:
    if isinstance(node, list):
        for each in node:
            _expand(each, keys, path, find)
        return
    key, *rest = keys
    if not isinstance(node, dict) or key not in node:
        raise _cannot(path)
    if isinstance(node[key], str):
        found = find(node[key])
        if found is None:
            raise _cannot(path)
        node[key] = deepcopy(found)
    if rest and node[key] is not None:
        _expand(node[key], rest, path, find)
    elif not rest and path not in OPTIONAL_FIELDS and not _is_object_or_null(node[key]):
        raise _cannot(path)


def _is_object_or_null(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and "object" in value)


def _cannot(path: str) -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}).", param="expand")
