"""An import of items while buyers and other staff change them, and a form that is sent again."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from store import item_import
from store.admin import item_import as import_page
from store.item_plan import plan
from store.item_rows import ItemRow
from store.models import Item
from tests.support.item_files import IMPORT, LIST, confirmed, mistakes_of, packed_of, uploaded

MOST = 2_147_483_647
BEYOND = f"Ensure this value is less than or equal to {MOST}."


def row(cells: dict[str, str]) -> ItemRow:
    return ItemRow(2, cells, extra="", files={})


@pytest.mark.parametrize(
    ("before", "typed", "sold", "after"),
    [(5, 5, 2, 3), (5, 9, 2, 7), (5, 0, 2, 0), (None, 4, 0, 4), (5, "", 1, None)],
)
def test_sales_since_the_export_count(
    admin_client: Client, make_item: Any, before: int | None, typed: Any, sold: int, after: Any
) -> None:
    item = make_item(stock=before)
    content = (
        f"id,position,stock,stock_before\n{item.pk},7,{typed},{'' if before is None else before}"
    )
    Item.objects.take_stock(item.pk, min(sold, 1))
    page = uploaded(admin_client, content)
    Item.objects.take_stock(item.pk, max(sold - 1, 0))
    confirmed(admin_client, page)
    item.refresh_from_db()
    assert (item.stock, item.position) == (after, 7)


def test_a_stock_above_the_bound_is_a_mistake(admin_client: Client, make_item: Any) -> None:
    item = make_item(stock=MOST)
    text = f"id,stock,stock_before\n{item.pk},5,4"
    page = uploaded(admin_client, text)
    assert mistakes_of(page) == [("2", "stock", BEYOND)]
    Item.objects.update(stock=MOST - 1)
    page = uploaded(admin_client, text)
    assert "1 changed item," in page
    Item.objects.update(stock=MOST)
    page = confirmed(admin_client, page)
    assert "Items were changed meanwhile" in page
    assert mistakes_of(page) == [("2", "stock", BEYOND)]


def test_stock_that_comes_between_comparison_and_writing_stays_in_the_bound(
    make_item: Any, admin_user: User
) -> None:
    item = make_item(stock=5)
    changes = plan([row({"id": str(item.pk), "stock": "9"})], adds_unknown=False)
    Item.objects.update(stock=MOST)
    with pytest.raises(item_import.ChangedMeanwhile):
        item_import.carry_out(changes, user=admin_user, name="x")
    item.refresh_from_db()
    assert item.stock == MOST


@pytest.mark.parametrize(("typed", "after"), [("9", 7), ("", None)])
def test_a_sale_between_comparison_and_writing_counts(
    make_item: Any, admin_user: User, typed: str, after: int | None
) -> None:
    item = make_item(stock=5)
    changes = plan([row({"id": str(item.pk), "stock": typed})], adds_unknown=False)
    Item.objects.take_stock(item.pk, 2)
    item_import.carry_out(changes, user=admin_user, name="x")
    item.refresh_from_db()
    assert item.stock == after


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_change_between_comparison_and_writing_is_noticed(
    make_item: Any, admin_user: User, is_deleted: bool
) -> None:
    item, other = make_item(), make_item(name="Other")
    rows = [row({"id": str(each.pk), "price": "5"}) for each in (other, item)]
    changes = plan(rows, adds_unknown=False)
    if is_deleted:
        item.delete()
    else:
        Item.objects.filter(pk=item.pk).update(price=7)
    with pytest.raises(item_import.ChangedMeanwhile):
        item_import.carry_out(changes, user=admin_user, name="x")
    other.refresh_from_db()
    assert other.price == Decimal("19.99")


def test_somebody_changes_an_item_before_the_import_is_confirmed(
    admin_client: Client, item: Item
) -> None:
    page = uploaded(admin_client, f"id,price\n{item.pk},25")
    Item.objects.filter(pk=item.pk).update(price=30)
    page = confirmed(admin_client, page)
    assert "Items were changed meanwhile, so nothing was imported" in page
    assert "30.00 → 25.00" in page
    assert Item.objects.get().price == 30
    confirmed(admin_client, page)
    assert Item.objects.get().price == 25


def test_a_second_press_adds_nothing(admin_client: Client) -> None:
    page = uploaded(admin_client, "name,price,currency\nMug,9,USD")
    confirmed(admin_client, page)
    assert "imported already" in confirmed(admin_client, page)
    assert Item.objects.count() == 1
    confirmed(admin_client, uploaded(admin_client, "name,price,currency\nMug,9,USD"))
    assert Item.objects.count() == 2


def test_the_history_is_in_the_language_of_its_reader(admin_client: Client, item: Item) -> None:
    page = uploaded(admin_client, f"id,name,price,currency\n{item.pk},Mug,9,USD\n,Cup,9,EUR")
    confirmed(admin_client, page)
    for pk in Item.objects.values_list("pk", flat=True):
        address = f"{LIST}{pk}/history/"
        assert "Added import “items.csv (" in admin_client.get(address).text
        page = admin_client.get(address, headers={"Accept-Language": "ru"}).text
        assert "Добавлено: импорт «items.csv (" in page


def test_a_second_press_in_another_language_adds_nothing(admin_client: Client) -> None:
    form = {"packed": packed_of(uploaded(admin_client, "name,price,currency\nMug,9,USD"))}
    for language in ("en", "ru"):
        admin_client.post(IMPORT, form, headers={"Accept-Language": language})
    assert Item.objects.count() == 1


@pytest.mark.parametrize("packed", ["", "made-up", None])
def test_takes_only_its_own_form_back_and_not_for_ever(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, packed: str | None
) -> None:
    if packed is None:
        packed = packed_of(uploaded(admin_client, "name,price,currency\nMug,9,USD"))
        monkeypatch.setattr(import_page, "PACKED_SECONDS", -1)
    answer = admin_client.post(IMPORT, {"packed": packed}, follow=True)
    assert "Choose the file again" in answer.text
    assert not Item.objects.exists()
