"""A large catalogue and many orders cost no more than a few, on both databases."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from bench.filling import fill_items, fill_orders
from store.models import Item
from tests.support.carts import add
from tests.support.database_work import growing, recorded

ITEMS, ORDERS = 15_000, 10_000


@pytest.fixture(scope="module", autouse=True)
def _large_shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The newest third of the items isn't listed. The tests share all this."""
    with django_db_blocker.unblock(), transaction.atomic():
        for number in range(20):
            Item.objects.create(
                name=f"Mug {number}",
                price=Decimal(number + 1),
                currency="USD" if number % 2 else "EUR",
                stock=5 if number % 3 else None,
            )
        fill_items(ITEMS)
        fill_orders(ORDERS)
        newest = Item.objects.order_by("-pk")[ITEMS * 2 // 3].pk
        Item.objects.filter(pk__gt=newest).update(is_listed=False)
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Each test undoes its own changes."""


def page(client: Client, address: str) -> list[tuple[str, Any]]:
    with recorded() as statements:
        assert client.get(address).status_code == 200, address
    return statements


def listed(currency: str) -> Item:
    return Item.objects.listed().filter(currency=currency).latest("pk")


def with_cart() -> Client:
    buyer = Client()
    for item in Item.objects.listed().exclude(stock=0)[:3]:
        assert add(buyer, item).status_code == 303
    return buyer


CATALOGUE = ["/", "/?after=5000", "/?currency=EUR", "/?currency=USD&after=5000", "/?currency=JPY"]


def test_the_catalogue_and_the_cart_read_no_table_in_full(settings: Any) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "EUR", "JPY"]  # nothing is sold in JPY
    item, sold_out = listed("USD"), listed("EUR")
    Item.objects.filter(pk=sold_out.pk).update(stock=0)
    addresses = [*CATALOGUE, f"/item/{item.pk}", f"/item/{sold_out.pk}"]
    for client, more in ((Client(), []), (with_cart(), ["/order"])):
        for address in addresses + more:
            statements = page(client, address)
            assert growing(statements) == [], address
            assert not [sql for sql, _ in statements if re.search("COUNT|OFFSET", sql)], address
