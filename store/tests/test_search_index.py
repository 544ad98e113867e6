from typing import Any

import pytest
from django.db import connection

from store import search_index
from store.models import Item
from store.search import Search


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's index has no triggers")
def test_items_that_were_changed_without_triggers_are_found(make_item: Any) -> None:
    """SQLite drops the triggers of a table that a migration makes anew."""
    item = make_item(name="Blue mug")
    with connection.cursor() as cursor:
        for column in search_index.COLUMNS:
            for event in ("insert", "delete", "update"):
                cursor.execute(f"DROP TRIGGER store_item_{column}_{event}")
    item.name = "Green cup"
    item.save()
    search_index.prepare()
    assert list(Search("green").matching(Item.objects.all())) == [item]
    assert not Search("blue").matching(Item.objects.all())
    with connection.cursor() as cursor:
        for column in search_index.COLUMNS:
            table = f"store_item_{column}"
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608
