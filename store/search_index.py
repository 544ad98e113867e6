"""The index of the words that the search finds: FTS5 on SQLite, GIN on PostgreSQL.

It is made after each `migrate`, not by a migration, because SQLite drops the triggers of a table
that a later migration makes anew.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

COLUMNS = ("name_words", "words")

# A table without the texts, which are in store_item. `prefix` has the lengths of the beginnings of
# words that it finds as quickly as whole words.
SQLITE_TABLE = """
CREATE VIRTUAL TABLE store_item_{0} USING fts5(
    {0}, content='store_item', content_rowid='id',
    detail='none', tokenize='ascii', prefix='1 2 3 4 5 6 7 8 9 10'
)
"""
SQLITE_FILL = "INSERT INTO store_item_{0} (store_item_{0}) VALUES ('rebuild')"
ADD = "INSERT INTO store_item_{0} (rowid, {0}) VALUES (new.id, new.{0});"
REMOVE = """
INSERT INTO store_item_{0} (store_item_{0}, rowid, {0}) VALUES ('delete', old.id, old.{0});
"""
SQLITE_TRIGGERS = {"insert": ADD, "delete": REMOVE, "update of id, {0}": REMOVE + ADD}
# COST keeps the planner from reading all items, and casting the text of each. PARALLEL UNSAFE keeps
# it from starting workers, which takes longer than most searches.
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION store_words(words text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE COST 1000
AS 'BEGIN RETURN words::tsvector; END'
"""
# Without `fastupdate`, a search never reads a list of changes first.
POSTGRESQL_INDEX = """
CREATE INDEX IF NOT EXISTS store_item_{0} ON store_item USING gin (store_words({0}))
WITH (fastupdate = off)
"""

# How each database is asked. PostgreSQL gets neither an order that another index has nor a set of
# keys to join, because its planner would then look for rare words in the items one by one.
ASKED = {
    "sqlite": {
        "newest": "SELECT rowid FROM store_item_words WHERE store_item_words MATCH %s"
        " ORDER BY rowid DESC LIMIT %s",
        "is_among": "store_item.id IN (SELECT value FROM json_each(%s))",
        "has_words": "store_item.id IN"
        " (SELECT rowid FROM store_item_{0} WHERE store_item_{0} MATCH %s)",
        "word": '"{}"*',
        "and": " ",
    },
    "postgresql": {
        "newest": "SELECT id FROM store_item WHERE store_words(words) @@ %s::tsquery"
        " ORDER BY id + 0 DESC LIMIT %s",
        "is_among": "store_item.id = ANY(ARRAY(SELECT jsonb_array_elements_text(%s)::bigint))",
        "has_words": "store_item.id = ANY(ARRAY"
        "(SELECT id FROM store_item WHERE store_words({0}) @@ %s::tsquery))",
        "word": "'{}':*",
        "and": " & ",
    },
}


def newest(words: Iterable[str], count: int) -> list[int]:
    """The keys of the newest items, listed or not, that have words with these beginnings."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED[connection.vendor]["newest"], [_query(words), count])
        return [key for (key,) in cursor.fetchall()]


def is_among(keys: list[int]) -> RawSQL:
    """The condition that an item has one of these keys. A parameter for each would take longer."""
    sql = ASKED[connection.vendor]["is_among"]
    return RawSQL(sql, [json.dumps(keys)], output_field=BooleanField())  # noqa: S611  # our own text


def has_words(column: str, words: Iterable[str]) -> RawSQL:
    """The condition that an item's column has words with these beginnings."""
    sql = ASKED[connection.vendor]["has_words"].format(column)
    return RawSQL(sql, [_query(words)], output_field=BooleanField())  # noqa: S611  # our own text


def _query(words: Iterable[str]) -> str:
    asked = ASKED[connection.vendor]
    return asked["and"].join(asked["word"].format(word) for word in words)


def prepare(using: str = "default", **_kwargs: Any) -> None:
    """Create what is missing of the index."""
    connection = connections[using]
    make = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for column in COLUMNS:
            make(cursor, column)


def _on_sqlite(cursor: Any, column: str) -> None:
    """Fill it again if a trigger is missing: rows may have changed without it."""
    cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'store_item_%%'")
    known = {name for (name,) in cursor.fetchall()}
    table = f"store_item_{column}"
    if table not in known:
        cursor.execute(SQLITE_TABLE.format(column))
    triggers = {f"{table}_{event.split()[0]}": event for event in SQLITE_TRIGGERS}
    if triggers.keys() <= known:
        return
    cursor.execute(SQLITE_FILL.format(column))
    for name, event in triggers.items():
        create = f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON store_item"
        cursor.execute(f"{create} BEGIN {SQLITE_TRIGGERS[event]} END".format(column))


# Coverage is measured on SQLite.
def _on_postgresql(cursor: Any, column: str) -> None:  # pragma: no cover
    cursor.execute("SET LOCAL statement_timeout = 0")  # a large index takes minutes
    cursor.execute(POSTGRESQL_FUNCTION)
    cursor.execute(POSTGRESQL_INDEX.format(column))
