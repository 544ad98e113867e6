import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from store.models import Collection, Item
from tests.support import admin_forms
from tests.support.admin_forms import fields_of, opened_form

FORMS = {"pictures-TOTAL_FORMS": "0", "pictures-INITIAL_FORMS": "0"}
VALUES = FORMS | {
    "name": "Lamp",
    "price": "45.50",
    "currency": "EUR",
    "stock": "",
    "position": "100",
}


def test_a_merchant_adds_an_item(admin_client: Client) -> None:
    answer = admin_client.post("/admin/store/item/add/", VALUES | {"is_listed": "on"})
    assert answer.status_code == 302
    item = Item.objects.get()
    assert (item.price, item.currency, item.stock) == (Decimal("45.50"), "EUR", None)


def test_offers_the_currencies_the_shop_sells_in(admin_client: Client) -> None:
    page = admin_client.get("/admin/store/item/add/").content.decode()
    assert '<option value="USD">' in page
    assert '<option value="EUR">' in page
    assert '<option value="JPY">' not in page


def test_an_item_keeps_a_currency_that_is_no_longer_sold_in(
    admin_client: Client, make_item: Any
) -> None:
    item = make_item(currency="JPY", price=500)
    page = admin_client.get(f"/admin/store/item/{item.pk}/change/").content.decode()
    assert '<option value="JPY" selected>' in page


def test_filters_by_a_currency_that_is_no_longer_sold_in(
    admin_client: Client, make_item: Any
) -> None:
    make_item(name="Mug", currency="JPY", price=500)
    make_item(name="Lamp")
    page = admin_client.get("/admin/store/item/?currency=JPY").content.decode()
    assert "Mug" in page
    assert "Lamp" not in page


@pytest.mark.parametrize(
    ("currency", "price", "typed"), [("USD", "19.99", "19.99"), ("JPY", "500", "500")]
)
def test_a_price_has_the_decimals_of_its_currency(
    admin_client: Client, make_item: Any, currency: str, price: str, typed: str
) -> None:
    item = make_item(price=Decimal(price), currency=currency)
    page = admin_client.get(f"/admin/store/item/{item.pk}/change/").content.decode()
    assert f'name="price" value="{typed}"' in page


def test_refuses_a_price_with_too_many_decimals_in_place(admin_client: Client) -> None:
    page = admin_client.post("/admin/store/item/add/", VALUES | {"price": "1.005"})
    assert "EUR has 2 decimals" in page.content.decode()
    assert not Item.objects.exists()


def test_queries_of_the_list_do_not_grow_with_items(
    admin_client: Client, make_item: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        make_item()
    with django_assert_max_num_queries(12):  # shop, filter by collection, three columns
        admin_client.get("/admin/store/item/")


def test_the_admin_address_without_a_slash_redirects(client: Client, db: None) -> None:
    assert client.get("/admin")["Location"] == "/admin/"


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=5)
    return made


def save(client: Client, item: Item, form: dict[str, str] | None = None, **changes: Any) -> str:
    """Send the form of `item` with changes. Return the page, or "" if it was saved.

    `form` was opened earlier.
    """
    address = f"/admin/store/item/{item.pk}/change/"
    return admin_forms.save(client, address, form or open_form(client, item), **changes)


def open_form(client: Client, item: Item) -> dict[str, str]:
    return opened_form(client, f"/admin/store/item/{item.pk}/change/")


def test_the_form_carries_the_stock_that_the_merchant_saw(admin_client: Client, mug: Item) -> None:
    page = admin_client.get(f"/admin/store/item/{mug.pk}/change/").content.decode()
    assert '<input type="hidden" name="initial-stock" value="5"' in page


def test_saving_a_description_keeps_a_sale_made_meanwhile(admin_client: Client, mug: Item) -> None:
    form = open_form(admin_client, mug)
    Item.objects.take_stock(mug.pk, 3)
    assert save(admin_client, mug, form, description="Holds 350 ml.") == ""
    saved = Item.objects.get()
    assert (saved.description, saved.stock) == ("Holds 350 ml.", 2)
    assert saved.updated_at > mug.updated_at


def test_writes_only_what_the_merchant_changed(admin_client: Client, mug: Item) -> None:
    with CaptureQueriesContext(connection) as queries:
        save(admin_client, mug, name="Cup")
    [update] = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "store_item"')]
    assert re.findall(r'"(\w+)" = ', update)[:4] == ["name", "name_words", "words", "updated_at"]
    assert '"stock" =' not in update


@pytest.mark.parametrize(
    ("before", "typed", "after"), [(5, "9", 9), (5, "0", 0), (5, "", None), (None, "3", 3)]
)
def test_a_new_stock_is_saved(
    admin_client: Client, make_item: Any, before: int | None, typed: str, after: int | None
) -> None:
    assert save(admin_client, make_item(stock=before), stock=typed) == ""
    assert Item.objects.get().stock == after


@pytest.mark.parametrize(("now", "named"), [(2, "2"), (7, "7"), (None, "never runs out")])
def test_a_new_stock_is_refused_once_if_the_stock_changed_meanwhile(
    admin_client: Client, mug: Item, now: int | None, named: str
) -> None:
    form = open_form(admin_client, mug)
    Item.objects.update(stock=now)
    page = save(admin_client, mug, form, stock="10", name="Cup")
    assert f"This was changed from “5” to “{named}” while you edited. Save again to" in page
    saved = Item.objects.get()
    assert (saved.stock, saved.name) == (now, "Mug")
    assert 'name="price" value="19.99' in page
    assert save(admin_client, mug, fields_of(page)) == ""
    saved.refresh_from_db()
    assert (saved.stock, saved.name) == (10, "Cup")


def test_a_first_stock_does_not_replace_one_that_was_set_meanwhile(
    admin_client: Client, item: Item
) -> None:
    form = open_form(admin_client, item)
    Item.objects.update(stock=4)
    page = save(admin_client, item, form, stock="9")
    assert "from “never runs out” to “4” while you edited" in page
    assert Item.objects.get().stock == 4


def test_a_form_without_the_shown_stock_changes_nothing(admin_client: Client, mug: Item) -> None:
    page = save(
        admin_client, mug, open_form(admin_client, mug) | {"initial-stock": "many"}, stock="9"
    )
    assert "from “many” to “5” while you edited" in page
    assert Item.objects.get().stock == 5


def test_the_search_finds_items_in_any_case(admin_client: Client, make_item: Any) -> None:
    make_item(name="Кружка", description="Из глины.")
    for words in ("кружка", "КРУЖКА", "глины", "ИЗ"):
        page = admin_client.get("/admin/store/item/", {"q": words}).content.decode()
        assert "Кружка</a>" in page, words


def test_only_what_buyers_see_has_a_link_to_the_site(admin_client: Client, item: Item) -> None:
    kitchen = Collection.objects.create(name="Kitchen", slug="kitchen")
    rows: list[Item | Collection] = [item, kitchen]
    for row in rows:
        address = f"/admin/store/{row._meta.model_name}/{row.pk}/change/"
        link = f'href="{row.get_absolute_url()}" class="viewsitelink"'
        assert link in admin_client.get(address).text
        type(row)._default_manager.update(is_listed=False)
        assert link not in admin_client.get(address).text
