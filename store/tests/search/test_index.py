"""The index of the search, which `migrate` makes."""

from typing import Any

from django.db import connection

from store import search_index
from store.models import Item
from tests.support.search import found


def _make_the_table_anew() -> None:
    """As a migration does on SQLite. On PostgreSQL an index goes with its column."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP INDEX store_item_words, store_item_name_words")
            return
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'store_item'")
        (sql,) = cursor.fetchone()
        cursor.execute(sql.replace('TABLE "store_item"', 'TABLE "new__store_item"'))
        cursor.execute("INSERT INTO new__store_item SELECT * FROM store_item")
        cursor.execute("DROP TABLE store_item")
        cursor.execute("ALTER TABLE new__store_item RENAME TO store_item")


def test_the_index_is_made_again_after_its_table(item: Item, make_item: Any) -> None:
    _make_the_table_anew()
    lamp = make_item(name="Lamp")  # as another migration may do
    search_index.prepare()
    search_index.prepare()  # changes nothing
    assert found("lamp") == ["Lamp"]
    assert found("stoneware") == ["Stoneware mug"]
    lamp.name = "Light"
    lamp.save(update_fields=["name"])
    make_item(name="Lampshade")
    item.delete()
    assert (found("lamp"), found("light"), found("stoneware")) == (["Lampshade"], ["Light"], [])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            indexes = connection.introspection.get_constraints(cursor, "store_item")
        assert {"store_item_words", "store_item_name_words"} <= set(indexes)
