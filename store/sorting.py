"""The orders of the list, and the places in them where pages begin."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Field
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from store.models import Item
from store.models.item import ItemQuerySet

# The values that the last item of a page has in the fields of the order. With them, the next page
# begins there even if the item was changed or deleted meanwhile.
type Place = tuple[Any, ...]
SEPARATOR = "~"  # addresses have it unescaped
PLACE = re.compile(r"[\w .~]*")


@dataclass(frozen=True)
class Sort:
    """An order: its key in the address, its name, and the fields of an index of Item."""

    key: str
    label: str | Promise
    fields: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [field.removeprefix("-") for field in self.fields]

    def place_of(self, item: Item) -> Place:
        return tuple(getattr(item, name) for name in self.names)

    def read_place(self, text: str) -> Place:
        """Raises ValidationError if `text` isn't the text of a place in this order."""
        parts = text.split(SEPARATOR)[::-1]
        if len(parts) != len(self.fields) or not PLACE.fullmatch(text):
            raise ValidationError(text)
        place = tuple(map(_value, self.names, parts))
        if text_of(place) != text:  # like 007, or +7
            raise ValidationError(text)
        return place


OWN = Sort("", _("Recommended"), ("position", "-id"))
NEWEST = Sort("newest", _("Newest"), ("-id",))
SORTS = [
    OWN,
    NEWEST,
    # Prices in different currencies can't be compared.
    Sort("price", _("Price, low to high"), ("currency", "price", "id")),
    Sort("price-down", _("Price, high to low"), ("-currency", "-price", "-id")),
    Sort("name", _("Name"), ("name_words", "id")),
]


def text_of(place: Place) -> str:
    """The key first: project.catalogue_cache keeps no page of an address with zeros before it."""
    return SEPARATOR.join(map(str, reversed(place)))


def page(items: ItemQuerySet, sort: Sort, after: Place | None, count: int) -> list[Item]:
    """The first `count` items in this order, or the first ones after a place.

    Each query reads one range of an index: the first ones have the same values as the place in
    most fields, so they may have fewer items than the page.
    """
    items = items.order_by(*sort.fields)
    if after is None:
        return list(items[:count])
    lengths = range(len(sort.fields), 0, -1)
    queries = (items.filter(**_range(sort.fields[:length], after)) for length in lengths)
    found = (item for query in queries for item in query[:count])
    return list(islice(found, count))


def _range(fields: tuple[str, ...], after: Place) -> dict[str, Any]:
    """The items that differ from the place only in the last of the fields, and come later."""
    values = dict(zip(fields, after, strict=False))
    last = fields[-1]
    value = values.pop(last)
    same = {field.removeprefix("-"): value for field, value in values.items()}
    return same | {f"{last.removeprefix('-')}__{'lt' if last.startswith('-') else 'gt'}": value}


def _value(name: str, text: str) -> Any:
    field = cast("Field[Any, Any]", Item._meta.get_field(name))
    value = field.to_python(text)
    field.run_validators(value)
    return value
