"""Find items by the beginnings of words in their names, descriptions and collections.

A word that many items have is found among the newest items, so that the database doesn't have to
collect all that have it. A rarer word is found by the index of store/search_index.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.expressions import RawSQL

from store import sorting
from store.folding import words_of
from store.models import Collection, Item
from store.models.item import ItemQuerySet
from store.sorting import NEWEST, OWN, Place, Sort

MAX_LENGTH = 100
MAX_WORDS = 10
# How many of the newest items are looked at one by one.
NEWEST_ITEMS = 1000
# The share of the newest items that have a word which isn't rare.
RARE = 0.05
# How many results the index gives at once. Other orders than the newest sort no more than these.
BATCH = 1000
# How many words are compared with those of how many of the newest names.
COMPARED_WORDS = 2
COMPARED_NAMES = 2000

SQL = {
    "sqlite": {
        "newest": "SELECT rowid FROM store_item_{0} WHERE store_item_{0} MATCH %s AND rowid < %s"
        " ORDER BY rowid DESC LIMIT %s",
        "all": "store_item.id IN (SELECT rowid FROM store_item_{0} WHERE store_item_{0} MATCH %s)",
        "word": '"{}"*',
        "and": " ",
    },
    # The planner must not look for rare words in the items one by one, so it gets neither an order
    # that an index has, nor a set of keys to join.
    "postgresql": {
        "newest": "SELECT id FROM store_item WHERE store_words({0}) @@ %s::tsquery AND id < %s"
        " ORDER BY id + 0 DESC LIMIT %s",
        "all": "store_item.id = ANY(ARRAY(SELECT id FROM store_item"
        " WHERE store_words({0}) @@ %s::tsquery))",
        "word": "'{}':*",
        "and": " & ",
    },
}
ABOVE_ALL_KEYS = 2**63 - 1


@dataclass
class Seen:
    """The results that are known, newest first."""

    is_all: bool  # whether there are no others
    in_name: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)


class Search:
    """The words that an item must have: those of the typed text."""

    def __init__(self, text: str) -> None:
        self.words = list(dict.fromkeys(words_of(text[:MAX_LENGTH])))[:MAX_WORDS]
        # For each word, the listed collections that have it in their names.
        self.collections = {word: list[int]() for word in self.words}
        for collection in Collection.in_header() if self.words else []:
            names = words_of(collection.name)
            for word in self.words:
                if any(name.startswith(word) for name in names):
                    self.collections[word].append(collection.pk)

    def place_of(self, item: Item, sort: Sort) -> Place:
        """In the search's own order, an item's position is 0 if its name has all words, else 1."""
        if self.words and sort is OWN:
            is_in_name = all(f" {word}" in item.name_words for word in self.words)
            return (0 if is_in_name else 1, item.pk)
        return sort.place_of(item)

    def page(self, items: ItemQuerySet, sort: Sort, after: Place | None, count: int) -> list[Item]:
        """The first `count` results among the items in this order, or the first after a place."""
        if not self.words:
            return sorting.page(items, sort, after, count)
        if sort is OWN:
            return self._names_first(items, after, count)
        if sort is NEWEST:
            before = after[-1] if after else None
            seen = self._see(items, before, count)
            keys = self._newest(items, "words", seen, [*seen.in_name, *seen.others], before, count)
        else:
            keys = self._many(items)
        return sorting.page(items.filter(pk__in=keys), sort, after, count)

    def matching(self, items: ItemQuerySet) -> ItemQuerySet:
        """All results among the items, however many."""
        return items.filter(self._in_index("words"))

    def similar(self, items: ItemQuerySet, count: int) -> list[Item]:
        """At most `count` of the newest items, with words in their names that are spelled alike."""
        rows = items.order_by("-pk").values_list("pk", "name_words")[:COMPARED_NAMES]
        names = {key: name.split() for key, name in rows}
        known = {word for name in names.values() for word in name}
        typed = sorted(self.words, key=len)[-COMPARED_WORDS:]
        alike = {word for each in typed for word in _spelled_alike(each, known)}
        fits = {key: len(alike.intersection(name)) for key, name in names.items()}
        best = sorted((key for key in fits if fits[key]), key=lambda key: (-fits[key], -key))
        found = items.in_bulk(best[:count])
        return [found[key] for key in best[:count]]

    def _names_first(self, items: ItemQuerySet, after: Place | None, count: int) -> list[Item]:
        """The items with all words in their names, then the others; the newest of both first."""
        is_in_name = self._in_text("name_words")
        keys: list[int] = []
        position, before = after or (0, None)
        seen = self._see(items, before, count)
        if position == 0:
            keys = self._newest(items, "name_words", seen, seen.in_name, before, count)[:count]
            if before is not None:
                before, seen = None, self._see(items, None, count)
        if missing := count - len(keys):
            others = items.exclude(is_in_name)
            keys += self._newest(others, "words", seen, seen.others, before, missing)[:missing]
        found = items.in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def _many(self, items: ItemQuerySet) -> list[int]:
        """The keys of results to sort: the newest ones, or all if they are fewer than BATCH."""
        needed = round(NEWEST_ITEMS * RARE)
        seen, items = self._see(items, None, needed), items.order_by("-pk")
        found = [*seen.in_name, *seen.others]
        if seen.is_all:
            return found
        if len(found) < needed:
            return self._by_index(items, "words", None, BATCH // 2)
        near = items.filter(self._in_text("words"), pk__in=items.values("pk")[: 10 * NEWEST_ITEMS])
        keys = list(near.values_list("pk", flat=True)[:BATCH])
        return keys if len(keys) >= BATCH // 2 else self._by_index(items, "words", None, BATCH // 2)

    def _see(self, items: ItemQuerySet, before: int | None, needed: int) -> "Seen":
        """Look at the newest items before `before` one by one.

        If they have fewer results than needed, the index gives all, unless they are many.
        """
        if before is not None:
            items = items.filter(pk__lt=before)
        seen = self._look_at(items.order_by("-pk"), NEWEST_ITEMS)
        is_enough = seen.is_all or len(seen.in_name) + len(seen.others) >= needed
        if is_enough or any(self.collections.values()):
            return seen
        hits = self._hits("words", before)
        if len(hits) == BATCH:
            return seen
        return self._look_at(items.filter(pk__in=hits).order_by("-pk"), BATCH)

    def _look_at(self, items: ItemQuerySet, count: int) -> "Seen":
        conditions = [
            ExpressionWrapper(self._in_text(column), output_field=BooleanField())
            for column in ("name_words", "words")
        ]
        rows = items.values_list("pk", *conditions)[:count]
        seen = Seen(is_all=len(rows) < count)
        for key, is_in_name, has_words in rows:
            if is_in_name:
                seen.in_name.append(key)
            elif has_words:
                seen.others.append(key)
        return seen

    def _newest(
        self,
        items: ItemQuerySet,
        column: str,
        seen: "Seen",
        keys: list[int],
        before: int | None,
        needed: int,
    ) -> list[int]:
        """Return `keys`, which were seen, if they are enough; otherwise those of the index."""
        if len(keys) >= needed or seen.is_all:
            return keys
        if before is not None:
            items = items.filter(pk__lt=before)
        return self._by_index(items.order_by("-pk"), column, before, needed)

    def _by_index(
        self, items: ItemQuerySet, column: str, before: int | None, needed: int
    ) -> list[int]:
        if column != "words" or not any(self.collections.values()):
            hits = self._hits(column, before)
            keys = list(items.filter(pk__in=hits).values_list("pk", flat=True))
            if len(keys) >= needed or len(hits) < BATCH:
                return keys
        return list(items.filter(self._in_index(column)).values_list("pk", flat=True)[:needed])

    def _hits(self, column: str, before: int | None) -> list[int]:
        """The newest items of the index, listed or not."""
        sql = SQL[connection.vendor]["newest"].format(column)
        limits = [ABOVE_ALL_KEYS if before is None else before, BATCH]
        with connection.cursor() as cursor:
            cursor.execute(sql, [_query(self.words), *limits])
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
        condition = Q(_has(column, plain)) if plain else Q()
        for word in set(self.words) - set(plain):
            members = Q(collections__in=self.collections[word])
            keys = Item.objects.filter(members).values("pk")
            condition &= Q(_has(column, [word])) | Q(pk__in=keys)
        return condition


def _spelled_alike(typed: str, known: Iterable[str]) -> list[str]:
    """At most two words, which begin with the same letter: to compare words takes long."""
    candidates = [
        word for word in known if word[0] == typed[0] and abs(len(word) - len(typed)) <= 2
    ]
    return get_close_matches(typed, candidates, n=2, cutoff=0.7)


def _query(words: Iterable[str]) -> str:
    sql = SQL[connection.vendor]
    return sql["and"].join(sql["word"].format(word) for word in words)


def _has(column: str, words: Iterable[str]) -> RawSQL:
    sql = SQL[connection.vendor]["all"].format(column)
    return RawSQL(sql, [_query(words)], output_field=BooleanField())  # noqa: S611  # our own text
