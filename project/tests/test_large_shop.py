"""A large catalogue and many orders cost no more than a few, on both databases."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from bench.filling import fill_items, fill_orders
from cart.models import Order, State
from notifications.sending import send_due
from payments.reconcile import reconcile
from project.cleanup import clean_up
from store.models import Collection, Item
from store.sorting import SORTS
from tests.support.carts import add
from tests.support.database_work import MOST, growing, recorded, work
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe

ITEMS, ORDERS = 20_000, 10_000
OLD_ITEMS = 2_100  # of a collection: all older than the others


@pytest.fixture(scope="module", autouse=True)
def _large_shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The newest half of the items isn't listed. The tests share all this."""
    with django_db_blocker.unblock(), transaction.atomic():
        for number in range(20):
            Item.objects.create(
                name=f"Mug {number}",
                price=Decimal(number + 1),
                currency="USD" if number % 2 else "EUR",
                stock=5 if number % 3 else None,
            )
        fill_items(ITEMS)
        newest = Item.objects.order_by("-pk")[ITEMS // 2].pk
        Item.objects.filter(pk__gt=newest).update(is_listed=False)
        old = Collection.objects.create(name="Old", slug="old")
        old.items.set(Item.objects.order_by("pk")[:OLD_ITEMS])
        fill_orders(ORDERS)
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


# A place in the middle of the catalogue, in each order, after the key of an item.
PLACES = {
    "": "{}~100",
    "newest": "{}",
    "price": "{}~8.000~USD",
    "price-down": "{}~8.000~USD",
    "name": "{}~ mug 7",
}


def catalogue() -> list[str]:
    """The address of the first page and of a later one, in each order and with each filter."""
    middle = Item.objects.order_by("pk")[ITEMS // 4].pk
    return [
        f"/?{filters}&sort={sort.key}{after}"
        for sort in SORTS
        for filters in ("", "currency=USD", "currency=JPY", "currency=EUR", "collection=old")
        for after in ("", f"&after={PLACES[sort.key].format(middle)}")
    ]


def test_the_catalogue_and_the_cart_read_no_table_in_full(settings: Any) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "EUR", "JPY"]  # nothing is sold in JPY
    item, sold_out = listed("USD"), listed("EUR")
    Item.objects.filter(pk=sold_out.pk).update(stock=0)
    addresses = [*catalogue(), "/sitemap.xml", f"/item/{item.pk}", f"/item/{sold_out.pk}"]
    for client, more in ((Client(), []), (with_cart(), ["/order"])):
        for address in addresses + more:
            statements = page(client, address)
            allowed = 3 if "collection" in address else 1  # a collection is read as a whole
            assert growing(statements, allowed * MOST[connection.vendor]) == [], address
            assert not [sql for sql, _ in statements if re.search("COUNT|OFFSET", sql)], address


def test_a_search_reads_as_much_of_a_large_catalogue_as_of_a_small_one(client: Client) -> None:
    """A thousand of the newest items one by one, or what the index has."""
    item = Item.objects.listed().earliest("pk")
    item.name = "Quagga"
    item.save(update_fields=["name"])
    for text, found in (("mug", 24), ("quagga", 1), ("xyzzy", 0)):
        with recorded() as statements:
            answer = client.get(f"/?q={text}")
        assert len(answer.context["items"]) == (found or 24)
        assert answer.context["has_found_nothing"] == (not found)
        assert max(work(*each) for each in statements) < 3 * MOST[connection.vendor], text


def test_a_misspelled_word_is_compared_with_many_others(client: Client) -> None:
    names = Item.objects.listed().order_by("-pk").values_list("name_words", flat=True)[:1000]
    words = [word for name in names for word in name.split()]
    assert len(set(words)) > 1000
    with recorded() as statements:
        answer = client.get(f"/?q={words[-1]}x")
    assert answer.context["has_found_nothing"]
    assert answer.context["similar"]
    assert max(work(*each) for each in statements) < 3 * MOST[connection.vendor]


def test_the_receipt_and_a_repeated_event_read_no_table_in_full(
    client: Client, local_stripe: LocalStripe
) -> None:
    order = Order.objects.filter(state=State.PAID)[ORDERS // 2]
    assert growing(page(client, f"/order/{order.token}")) == []
    with recorded() as statements:
        deliver(event_about(order.payments.get().stripe_id))
    assert growing(statements) == []


def test_the_worker_reads_no_table_in_full(local_stripe: LocalStripe) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)  # so that nothing is due
    with recorded() as statements:
        list(send_due())
        list(reconcile(older_than=timedelta(0), at=long_ago))
        list(clean_up(at=long_ago))
    assert growing(statements) == []


LIST = "/admin/cart/order/"


def test_the_list_of_orders_reads_no_table_in_full(admin_client: Client) -> None:
    """Except to count its pages."""
    order = Order.objects.filter(state=State.PAID)[ORDERS // 2]
    queries = ["", "?todo=ship", "?todo=attention", "?state=processing"]
    queries += [f"?q={text}" for text in (order.number, order.token, order.payments.get())]
    for query in queries:
        statements = page(admin_client, LIST + query)
        statements = [each for each in statements if "COUNT(*) AS" not in each[0]]
        assert growing(statements) == [], query


def test_the_list_of_items_reads_no_table_in_full(admin_client: Client) -> None:
    for query in ("", "?p=3", "?currency=EUR", "?collection=old"):
        statements = page(admin_client, "/admin/store/item/" + query)
        statements = [each for each in statements if "COUNT(*) AS" not in each[0]]
        assert growing(statements) == [], query


def test_the_first_page_of_the_admin_reads_no_table_in_full(admin_client: Client) -> None:
    assert growing(page(admin_client, "/admin/")) == []
    Item.objects.update(needs_shipping=False)
    assert growing(page(admin_client, "/admin/")) == []
