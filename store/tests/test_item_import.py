"""The import of items in the admin: what it changes, and who may import."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from store.models import Item
from store.search import Search
from store.sorting import OWN
from tests.support.item_files import (
    IMPORT,
    LIST,
    confirmed,
    exported,
    items_of_all_kinds,
    mistakes_of,
    stored,
    uploaded,
    xlsx,
)
from tests.support.rights import client_of_staff


@pytest.fixture
def shop(make_item: Any) -> list[Item]:
    return items_of_all_kinds(make_item)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_round_trip_gives_the_same_items(
    admin_client: Client, shop: list[Item], kind: str
) -> None:
    before = stored()
    content = exported(admin_client, kind)
    Item.objects.all().delete()
    page = uploaded(admin_client, content, f"items.{kind}", adds_unknown="on")
    assert "11 new items, 0 changed items, 0 unchanged items" in page
    assert not Item.objects.exists()
    assert "The file was imported: 11 new items" in confirmed(admin_client, page)
    assert stored() == before


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_changes_nothing(
    admin_client: Client, shop: list[Item], make_item: Any, kind: str
) -> None:
    make_item(description="as a browser\r\nsends it", currency="JPY", price=500)
    page = uploaded(admin_client, exported(admin_client, kind), f"items.{kind}")
    assert "0 new items, 0 changed items, 12 unchanged items" in page
    assert 'name="packed"' not in page


def test_shows_old_and_new_values_and_changes_only_these(
    admin_client: Client, make_item: Any
) -> None:
    item = make_item(name="Mug", description="Old", stock=3, is_listed=False)
    page = uploaded(
        admin_client, f"id,price,stock,is_listed,needs_shipping\n{item.pk},21.50,,yes,\n,5,,,\n"
    )
    assert "name" in [column for _row, column, _message in mistakes_of(page)]
    page = uploaded(admin_client, f"id,price,stock,is_listed,needs_shipping\n{item.pk},21.50,,yes,")
    for change in (
        "price</code>: 19.99 → 21.50",
        "stock</code>: 3 → —",
        "is_listed</code>: no → y",
    ):
        assert change in page
    assert "needs_shipping</code>" not in page
    Item.objects.filter(pk=item.pk).update(description="Changed meanwhile")
    assert "1 changed item," in confirmed(admin_client, page)
    item.refresh_from_db()
    assert (item.description, item.price, item.stock) == (
        "Changed meanwhile",
        Decimal("21.5"),
        None,
    )
    assert (item.is_listed, item.needs_shipping) == (True, True)
    entry = LogEntry.objects.get()
    assert (entry.object_id, "items.csv" in entry.change_message) == (str(item.pk), True)


def test_moves_an_item_to_other_collections(admin_client: Client, shop: list[Item]) -> None:
    page = uploaded(admin_client, f"id,collections\n{shop[0].pk},paper\n{shop[2].pk},Paper kitchen")
    assert "“Paper”" in page
    page = uploaded(admin_client, f"id,collections\n{shop[0].pk},paper\n{shop[2].pk},paper kitchen")
    assert "collections</code>: kitchen, paper → paper" in page
    confirmed(admin_client, page)
    assert [each.slug for each in shop[0].collections.all()] == ["paper"]
    assert {each.slug for each in shop[2].collections.all()} == {"paper", "kitchen"}
    assert [each.slug for each in shop[1].collections.all()] == ["paper"]


def test_reads_what_excel_saves_in_other_languages(admin_client: Client) -> None:
    page = uploaded(admin_client, "\ufeffName;Price;Currency\r\nTasse;12,50;eur\r\n")
    confirmed(admin_client, page)
    item = Item.objects.get()
    assert (item.name, item.price, item.currency) == ("Tasse", Decimal("12.5"), "EUR")


def test_reads_numbers_and_ticks_of_a_spreadsheet(admin_client: Client) -> None:
    rows = [["name", "price", "currency", "stock", "is_listed", "needs_shipping", None]]
    rows += [["Mug", 0.1 + 19.8, "USD", 7.0, True, False, None], [None], ["Cup", 5, "USD"]]  # type: ignore[list-item]
    confirmed(admin_client, uploaded(admin_client, xlsx(*rows), "Items.XLSX"))
    mug, cup = Item.objects.order_by("pk")
    assert (mug.price, mug.stock) == (Decimal("19.9"), 7)
    assert (mug.is_listed, mug.needs_shipping, cup.is_listed) == (True, False, True)


def test_the_stock_stays_if_its_column_is_left_out(admin_client: Client, make_item: Any) -> None:
    item = make_item(stock=3)
    page = uploaded(admin_client, f"id,price,stock_before\n{item.pk},5,7")
    assert "stock</code>" not in page
    confirmed(admin_client, page)
    item.refresh_from_db()
    assert (item.stock, item.price) == (3, Decimal(5))


def test_shows_prices_with_the_decimals_of_their_currencies(
    admin_client: Client, make_item: Any
) -> None:
    item = make_item(price=500, currency="JPY")
    page = uploaded(admin_client, f"id,price,currency\n{item.pk},9.5,USD")
    assert "price</code>: 500 → 9.50</div>" in page


def statements(action: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        action()
    return [each["sql"] for each in captured]


def test_reads_items_in_few_statements(admin_client: Client, shop: list[Item]) -> None:
    content = exported(admin_client)
    of_export = statements(lambda: exported(admin_client))
    # For a page of the list, and for the file.
    assert sum('FROM "store_picture"' in each for each in of_export) == 2
    of_check = statements(lambda: uploaded(admin_client, content))
    Item.objects.bulk_create(Item(name="Mug", price=9, currency="USD") for _ in range(50))
    assert len(statements(lambda: exported(admin_client))) == len(of_export)
    content = exported(admin_client)
    assert len(statements(lambda: uploaded(admin_client, content))) == len(of_check)


def test_writes_items_in_few_statements(admin_client: Client, make_item: Any) -> None:
    """Other writers wait for the import on SQLite."""

    def of_import(items: list[Item], values: str) -> list[str]:
        lines = [f"{item.pk},{values}" for item in items]
        page = uploaded(admin_client, "\n".join(["id,price,stock,description", *lines]))
        assert f"{len(items)} changed item" in page
        return statements(lambda: confirmed(admin_client, page))

    items = [make_item() for _ in range(20)]
    of_two = of_import(items[:2], "5,1,Old words")
    assert len(of_import(items, "6,2,New words")) <= len(of_two)
    assert {(item.price, item.stock) for item in Item.objects.all()} == {(Decimal(6), 2)}


def test_what_was_imported_is_found_by_its_new_words(admin_client: Client, make_item: Any) -> None:
    mug, cup = make_item(name="Mug", description="Blue"), make_item(name="Cup")
    created_at, updated_at = mug.created_at, mug.updated_at
    lines = ["id,name,description,price", f"{mug.pk},Jar,Green,9", f"{cup.pk},Cup,Green,19.99"]
    confirmed(admin_client, uploaded(admin_client, "\n".join(lines)))
    mug.refresh_from_db()
    assert (mug.name_words, mug.words) == (" jar", " jar green")
    assert (mug.created_at, mug.updated_at > updated_at) == (created_at, True)
    for q, found in {"jar": [mug], "mug": [], "blue": [], "green": [cup, mug]}.items():
        assert Search(q).page(Item.objects.all(), OWN, None, 9).items == found


def test_rights_of_staff(item: Item) -> None:
    viewer = client_of_staff("store.view_item", "store.change_item")
    assert viewer.get(f"{LIST}export.csv").getvalue()
    assert IMPORT not in viewer.get(LIST).text
    assert viewer.get(IMPORT).status_code == 403
    assert viewer.post(IMPORT, {"packed": "x"}).status_code == 403


def test_others_export_nothing(item: Item, client: Client) -> None:
    assert client_of_staff("cart.ship_order").get(f"{LIST}export.csv").status_code == 403
    assert client.get(f"{LIST}export.csv").status_code == 302
    assert client.get(IMPORT).status_code == 302
