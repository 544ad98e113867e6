"""Lists, one page at a time (docs.stripe.com/api/pagination)."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice, takewhile
from typing import Any

from stripe_sandbox.http.errors import StripeError, exclusive, no_such
from stripe_sandbox.http.validation import Params


def page(items: list[dict[str, Any]], params: Params, *, url: str) -> dict[str, Any]:
    """The page that `limit`, `starting_after` and `ending_before` select.

    Raises `StripeError` for a wrong limit or an unknown id.
    """
    limit = _limit(params)
    rest, backwards = items, False
    if "starting_after" in params:
        rest = items[_position(items, params, "starting_after") + 1 :]
    elif "ending_before" in params:
        rest, backwards = items[: _position(items, params, "ending_before")], True
    shown = rest[-limit:] if backwards else rest[:limit]
    return _answer(shown, more=len(rest) > limit, url=url)


def newest_first[Each](
    kept: dict[str, Each],
    params: Params,
    *,
    url: str,
    fits: Callable[[Each], bool],
    as_json: Callable[[Each], dict[str, Any]],
) -> dict[str, Any]:
    """The page of the objects in `kept` that fit, newest first.

    Only the objects of the page become JSON, because there can be thousands. Raises `StripeError`
    for a wrong limit or an unknown id.
    """
    limit = _limit(params)
    for key in ("starting_after", "ending_before"):
        if key in params and params[key] not in kept:
            raise no_such("object", params[key], param=key)
    if "ending_before" in params:
        newer = takewhile(lambda each: each[0] != params["ending_before"], reversed(kept.items()))
        found = deque((each for _, each in newer if fits(each)), maxlen=limit + 1)
        shown = list(found)[-limit:]
    else:
        older = (each for each in _older(kept, params.get("starting_after")) if fits(each))
        found = deque(islice(older, limit + 1))
        shown = list(found)[:limit]
    return _answer([as_json(each) for each in shown], more=len(found) > limit, url=url)


def is_within(created: int, wanted: int | dict[str, int]) -> bool:
    """Apply the filter `created`: a timestamp, or bounds (`gt`, `gte`, `lt`, `lte`)."""
    if isinstance(wanted, int):
        return created == wanted
    return (
        created > wanted.get("gt", -1)
        and created >= wanted.get("gte", 0)
        and created < wanted.get("lt", created + 1)
        and created <= wanted.get("lte", created)
    )


def _older[Each](kept: dict[str, Each], last_seen: str | None) -> Iterator[Each]:
    pairs = reversed(kept.items())
    if last_seen is not None:
        next(key for key, _ in pairs if key == last_seen)
    return (each for _, each in pairs)


def _answer(shown: list[dict[str, Any]], *, more: bool, url: str) -> dict[str, Any]:
    return {"object": "list", "data": shown, "has_more": more, "url": url}


def _limit(params: Params) -> int:
    limit: int = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise StripeError(
            "Invalid integer: `limit` must be between 1 and 100.",
            param="limit",
            code="parameter_invalid_integer",
        )
    if "starting_after" in params and "ending_before" in params:
        raise exclusive("starting_after", "ending_before")
    return limit


def _position(items: list[dict[str, Any]], params: Params, key: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == params[key]:
            return position
    raise no_such("object", params[key], param=key)
