"""How many statements the requests of a purchase send to the database.

BEGIN, COMMIT and savepoints are not counted. Each figure is a limit: restate it where a change of
the shop needs more.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cart.models import Discount, Tax
from payments.models import Payment
from store.models import Item
from tests.support.carts import add, use_code
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db(transaction=True)
# On PostgreSQL, one more statement locks what an address holds.
ADVISORY_LOCK = int(connection.vendor == "postgresql")
TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@contextmanager
def at_most(limit: int) -> Iterator[None]:
    sent: list[str] = []

    def record(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.startswith(TRANSACTIONS):
            sent.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(record):
        yield
    assert len(sent) <= limit, "\n".join([f"{len(sent)} statements", *sent])


@pytest.fixture
def two_taxes(db: None) -> None:
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    Tax.objects.create(display_name="Levy", percentage=Decimal(5))


def test_buying_an_item(client: Client, make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=3)
    # One of them reads the shop, and one the shipping rates.
    with at_most(22 + ADVISORY_LOCK):
        assert client.get(f"/buy/{item.pk}").status_code == 200


def test_buying_an_item_with_a_tax(client: Client, item: Item, local_stripe: LocalStripe) -> None:
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    # Two of them make the session and two the tax rate, the first time. One reads what the address
    # holds. One reads the shop, and one the shipping rates.
    with at_most(26 + ADVISORY_LOCK):
        assert client.get(f"/buy/{item.pk}").status_code == 200


def test_buying_a_cart(
    client: Client, make_item: Any, two_taxes: None, local_stripe: LocalStripe
) -> None:
    """Two items, two taxes and a code, whose coupon and tax rates are created the first time."""
    Discount.objects.create(code="TEN", percent=Decimal(10))
    items = [make_item(stock=9), make_item(name="Pot", stock=9)]
    for limit in (33, 27):
        buyer = Client()
        for item in items:
            add(buyer, item)
        use_code(buyer, "TEN")
        with at_most(limit + ADVISORY_LOCK):
            assert buyer.get("/order/buy").status_code == 200


def test_a_webhook_that_pays(client: Client, item: Item, local_stripe: LocalStripe) -> None:
    client.get(f"/buy/{item.pk}")
    stripe_id = Payment.objects.get().stripe_id
    local_stripe.deliver_events(False)
    local_stripe.pay(stripe_id)
    # Five of them make the invoice, where it is the first of its series.
    with at_most(15):
        assert deliver(event_about(stripe_id)) == 200
    assert Payment.objects.get().state == "succeeded"
