"""Find items by the beginnings of words in their names, descriptions and collections.

By best match or newest first, a page needs only its own results. The other orders sort the newest
1,000 results. `Search._newest` finds the newest ones in one of three ways:

1. Rare words: the index of store/search_index.py gives all their results.
2. Other words: among the newest items, one by one. The index would have to collect all results.
3. If these have too few, because a filter leaves none or the results are old: all by the index.

Why: docs/decisions/0012-own-search-index.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q

from store import search_index, sorting
from store.folding import findable_words_of, words_of
from store.models import Collection, Item
from store.models.item import ItemQuerySet
from store.sorting import NEWEST, OWN, Place, Sort

MAX_LENGTH = 100
MAX_WORDS = 10
# Words are common if so many of the newest items have them.
COMMON = 25
NEWEST_ITEMS = 1000
# Words are rare if fewer items have them.
RARE = 1000
# Orders other than the newest sort no more results than these.
MOST_SORTED = 1000
# If nothing was found, the longest typed words are compared with the names of the newest items.
COMPARED_WORDS = 2


@dataclass(frozen=True)
class Results:
    """One page of them. `is_cut` if there were more than MOST_SORTED to sort."""

    items: list[Item]
    is_cut: bool = False


class Search:
    """The words that an item must have: those of the typed text."""

    def __init__(self, text: str) -> None:
        self.words = list(dict.fromkeys(words_of(text[:MAX_LENGTH])))[:MAX_WORDS]
        # For each word, the listed collections that have it in their names.
        self.collections = {word: list[int]() for word in self.words}
        for collection in Collection.in_header() if self.words else []:
            names = findable_words_of(collection.name)
            for word in self.words:
                if any(name.startswith(word) for name in names):
                    self.collections[word].append(collection.pk)

    def place_of(self, item: Item, sort: Sort) -> Place:
        """In the search's own order, an item's position is 0 if its name has all words, else 1."""
        if self.words and sort is OWN:
            is_in_name = all(f" {word}" in item.name_words for word in self.words)
            return (0 if is_in_name else 1, item.pk)
        return sort.place_of(item)

    def page(self, items: ItemQuerySet, sort: Sort, after: Place | None, count: int) -> Results:
        """The first `count` results among the items in this order, or the first after a place."""
        if not self.words:
            return Results(sorting.page(items, sort, after, count))
        if sort is OWN:
            return Results(_in_order(items, self._names_first(items, after, count)))
        if sort is NEWEST:
            before = after[-1] if after else None
            return Results(_in_order(items, self._newest(items, "words", before, count)))
        keys = self._newest(items, "words", None, MOST_SORTED + 1)
        # Without the filters of `items`: PostgreSQL would read the index of the order for them.
        found = Item.objects.filter(search_index.is_among(keys[:MOST_SORTED]))
        page = sorting.page(found.only(*sort.names), sort, after, count)
        return Results(_in_order(items, [item.pk for item in page]), len(keys) > MOST_SORTED)

    def matching(self, items: ItemQuerySet) -> ItemQuerySet:
        """All results among the items, however many."""
        return items.filter(self._in_index("words"))

    def similar(self, items: ItemQuerySet, count: int) -> list[Item]:
        """At most `count` of the newest items, with words in their names that are spelled alike."""
        rows = items.order_by("-pk").values_list("pk", "name_words")[:NEWEST_ITEMS]
        names = {key: name.split() for key, name in rows}
        known = {word for name in names.values() for word in name}
        typed = sorted(self.words, key=len)[-COMPARED_WORDS:]
        alike = {word for each in typed for word in _spelled_alike(each, known)}
        fits = {key: len(alike.intersection(name)) for key, name in names.items()}
        best = sorted((key for key in fits if fits[key]), key=lambda key: (-fits[key], -key))
        return _in_order(items, best[:count])

    def _names_first(self, items: ItemQuerySet, after: Place | None, count: int) -> list[int]:
        """The items with all words in their names, then the others; the newest of both first."""
        position, before = after or (0, None)
        keys = self._newest(items, "name_words", before, count) if position == 0 else []
        if missing := count - len(keys):
            others = items.exclude(self._in_text("name_words"))
            keys += self._newest(others, "words", before if position else None, missing)
        return keys

    @cached_property
    def _rare(self) -> list[int] | None:
        """The keys of all items with these words, listed or not; None if they may be many."""
        if any(self.collections.values()):
            return None  # the index doesn't have the words of collections
        everything = Item.objects.order_by("-pk")
        if len(self._among_newest(everything, "words", NEWEST_ITEMS, COMMON)) == COMMON:
            return None
        keys = search_index.newest(self.words, RARE)
        return keys if len(keys) < RARE else None

    def _newest(
        self, items: ItemQuerySet, column: str, before: int | None, count: int
    ) -> list[int]:
        """The keys of the newest `count` results, or of those before a key."""
        items = items.order_by("-pk")
        if before is not None:
            items = items.filter(pk__lt=before)
        if self._rare is not None:
            rare = items.filter(search_index.is_among(self._rare), self._in_text(column))
            return list(rare.values_list("pk", flat=True)[:count])
        few = min(count, COMMON)
        keys = self._among_newest(items, column, NEWEST_ITEMS, few)
        if len(keys) == few < count:  # the words are common
            keys = self._among_newest(items, column, NEWEST_ITEMS * count // few, count)
        if len(keys) < count:
            keys = list(items.filter(self._in_index(column)).values_list("pk", flat=True)[:count])
        return keys

    def _among_newest(
        self, items: ItemQuerySet, column: str, looked_at: int, count: int
    ) -> list[int]:
        """The keys of the first `count` results among the first `looked_at` items."""
        has_words = ExpressionWrapper(self._in_text(column), output_field=BooleanField())
        newest = items.annotate(key=F("pk"), has_words=has_words).values("key", "has_words")
        sql, parameters = newest[:looked_at].query.sql_with_params()
        with connection.cursor() as cursor:
            # The inner query has an order, and both databases stop at the last result.
            sql = f"SELECT key FROM ({sql}) AS newest WHERE has_words LIMIT %s"  # noqa: S608  # our own text
            cursor.execute(sql, [*parameters, count])
            return [key for (key,) in cursor.fetchall()]

    def _in_text(self, column: str) -> Q:
        """The condition that an item has all words, for a few items."""
        condition = Q()
        for word in self.words:
            has_word = Q(**{f"{column}__contains": f" {word}"})
            if column == "words" and (collections := self.collections[word]):
                members = Collection.items.through.objects.filter(collection__in=collections)
                has_word |= Q(Exists(members.filter(item_id=OuterRef("pk"))))
            condition &= has_word
        return condition

    def _in_index(self, column: str) -> Q:
        """The same condition, for all items."""
        plain = [word for word in self.words if column != "words" or not self.collections[word]]
        condition = Q(search_index.has_words(column, plain)) if plain else Q()
        for word in set(self.words) - set(plain):
            members = Item.objects.filter(collections__in=self.collections[word])
            has_word = Q(search_index.has_words(column, [word]))
            condition &= has_word | Q(pk__in=members.values("pk"))
        return condition


def _in_order(items: ItemQuerySet, keys: list[int]) -> list[Item]:
    found = items.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _spelled_alike(typed: str, known: Iterable[str]) -> list[str]:
    """At most two words, which begin with the same letter: to compare words takes long."""
    candidates = [
        word for word in known if word[0] == typed[0] and abs(len(word) - len(typed)) <= 2
    ]
    return get_close_matches(typed, candidates, n=2, cutoff=0.7)
