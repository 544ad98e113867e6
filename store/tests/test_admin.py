from decimal import Decimal
from typing import Any

from django.test import Client

from store.models import Item

VALUES = {"name": "Lamp", "description": "", "price": "45.50", "currency": "EUR", "stock": ""}


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


def test_refuses_a_price_with_too_many_decimals_in_place(admin_client: Client) -> None:
    page = admin_client.post("/admin/store/item/add/", VALUES | {"price": "1.005"})
    assert "USD has 2 decimals" in page.content.decode().replace("EUR", "USD")
    assert not Item.objects.exists()


def test_an_item_in_the_list_costs_no_query_of_its_own(
    admin_client: Client, make_item: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        make_item()
    with django_assert_max_num_queries(8):
        admin_client.get("/admin/store/item/")


def test_the_admin_address_without_its_slash_leads_there(client: Client, db: None) -> None:
    assert client.get("/admin")["Location"] == "/admin/"
