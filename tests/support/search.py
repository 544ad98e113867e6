"""Search the items as the list does."""

from typing import Any

from store import sorting
from store.models import Item
from store.search import Search
from store.sorting import OWN

# With few items, all words are rare. These values of store.search let it find them in other ways.
WAYS = {
    "rare": {},
    "among the newest": {"COMMON": 1, "RARE": 0},
    "by the index": {"NEWEST_ITEMS": 2, "RARE": 0},
}


def found(text: str, sort: sorting.Sort = OWN, **filters: Any) -> list[str]:
    """The names of the items that a search for `text` finds."""
    items = Item.objects.listed().filter(**filters)
    return [item.name for item in Search(text).page(items, sort, None, 25).items]
