"""The orders of the list. A page begins after the last item of the page before, in any of them."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from store.models import Item
from store.models.item import ItemQuerySet


@dataclass(frozen=True)
class Sort:
    """An order: its key in the address, its name, and the fields of an index of Item."""

    key: str
    label: str | Promise
    fields: tuple[str, ...]


OWN = Sort("", _("Recommended"), ("position", "-pk"))
NEWEST = Sort("newest", _("Newest"), ("-pk",))
SORTS = [
    OWN,
    NEWEST,
    # Prices in different currencies can't be compared.
    Sort("price", _("Price, low to high"), ("currency", "price", "pk")),
    Sort("price-down", _("Price, high to low"), ("-currency", "-price", "-pk")),
    Sort("name", _("Name"), ("name_words", "pk")),
]


def page(items: ItemQuerySet, sort: Sort, after: int | None, count: int) -> list[Item]:
    """The first `count` items in this order, or the first ones after item `after`.

    Each query reads one range of an index: the first ones have the same values as `after` in most
    fields, so they may have fewer items than the page.
    """
    items = items.order_by(*sort.fields)
    if after is None:
        return list(items[:count])
    queries = [items.filter(**_range(sort.fields[: n + 1], after)) for n in range(len(sort.fields))]
    found = (item for query in reversed(queries) for item in query[:count])
    return list(islice(found, count))


def _range(fields: tuple[str, ...], after: int) -> dict[str, Any]:
    """The items that differ from `after` only in the last of the fields, and come later."""
    *same, last = fields
    names = [(field.removeprefix("-"), "exact") for field in same]
    names.append((last.removeprefix("-"), "lt" if last.startswith("-") else "gt"))
    return {f"{name}__{lookup}": _value(name, after) for name, lookup in names}


def _value(field: str, key: int) -> Any:
    if field == "pk":
        return key
    return Subquery(Item.objects.filter(pk=key).values(field)[:1])
