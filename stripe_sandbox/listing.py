"""Lists as Stripe pages them."""

from typing import Any

from stripe_sandbox.errors import StripeError, exclusive, no_such
from stripe_sandbox.validation import Params


def page(items: list[dict[str, Any]], params: Params, *, url: str) -> dict[str, Any]:
    """The page that `limit`, `starting_after` and `ending_before` ask for."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise StripeError(
            "Invalid integer: `limit` must be between 1 and 100.",
            param="limit",
            code="parameter_invalid_integer",
        )
    if "starting_after" in params and "ending_before" in params:
        raise exclusive("starting_after", "ending_before")
    rest, backwards = items, False
    if "starting_after" in params:
        rest = items[_position(items, params, "starting_after") + 1 :]
    elif "ending_before" in params:
        rest, backwards = items[: _position(items, params, "ending_before")], True
    shown = rest[-limit:] if backwards else rest[:limit]
    return {"object": "list", "data": shown, "has_more": len(rest) > limit, "url": url}


def is_within(created: int, wanted: int | dict[str, int]) -> bool:
    """Of the filter `created`: a moment, or bounds."""
    if isinstance(wanted, int):
        return created == wanted
    return (
        created > wanted.get("gt", -1)
        and created >= wanted.get("gte", 0)
        and created < wanted.get("lt", created + 1)
        and created <= wanted.get("lte", created)
    )


def _position(items: list[dict[str, Any]], params: Params, key: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == params[key]:
            return position
    raise no_such("object", params[key], param=key)
