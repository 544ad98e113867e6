"""How many statements and commits the requests of a purchase take.

Each figure is a limit: restate it where a change of the shop needs more.
"""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cart.models import Discount, Order, Tax
from payments.models import Payment
from store.models import Item
from tests.support.carts import add, use_code
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser
from tests.support.shipping import add_rate
from tests.support.statements import at_most
from web.models import RequestCount

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]
# On PostgreSQL, one more statement locks what an address holds.
ADVISORY_LOCK = int(connection.vendor == "postgresql")


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop with two taxes and shipping, in the middle of a minute.

    The first press of a minute deletes the counts of the older ones.
    """
    for name in ("VAT", "Levy"):
        Tax.objects.create(display_name=name, percentage=Decimal(5))
    add_rate(490, "DE")
    monkeypatch.setattr("web.rate_limit.time", SimpleNamespace(time=lambda: 60_000_015.0))


@pytest.mark.parametrize("way", ["checkout", "intent"])
def test_buying_an_item(make_item: Any, local_stripe: LocalStripe, way: str) -> None:
    item, buyer = make_item(stock=3), new_browser()
    new_browser().get(f"/buy/{item.pk}")  # makes the tax rates at Stripe
    # The shop, the count; the item, the rates, the taxes, an open attempt; the order, its history,
    # the stock, the line, the order's taxes, the line's, what the address holds, the attempt, the
    # count, the session. For the call: the ids of the tax rates. After it: the order is locked, and
    # the attempt gets Stripe's id.
    with at_most(18 + ADVISORY_LOCK + (way == "checkout"), commits=2):
        if way == "intent":
            answer = buyer.post(f"/buy/{item.pk}/intent", {"seen_amount": 2739})
        else:
            answer = buyer.get(f"/buy/{item.pk}", {"seen_amount": 2739})
    assert answer.status_code == 200, answer.content
    assert "sessionid" in answer.cookies


def test_buying_an_item_again(make_item: Any, local_stripe: LocalStripe) -> None:
    item, buyer = make_item(stock=3), new_browser()
    first = buyer.get(f"/buy/{item.pk}")
    # The shop, the count, the session; the item, the rates, the taxes, the open attempt, which is
    # found and read, its line, rates and taxes, the count.
    with at_most(11, commits=1):
        again = buyer.get(f"/buy/{item.pk}")
    assert again.json() == first.json()


def test_a_refused_press(make_item: Any, local_stripe: LocalStripe) -> None:
    """It is counted, although nothing else is stored."""
    item = make_item(stock=0)
    # The shop, the count; the item, the rates, the taxes, an open attempt; the order, its history,
    # the stock, the count; the old counts, whether the visitor holds it.
    with at_most(12, commits=2):
        answer = new_browser().get(f"/buy/{item.pk}")
    assert answer.json()["error"]["code"] == "sold_out"
    assert RequestCount.objects.get().count == 1
    assert not Order.objects.exists()


def test_buying_a_cart(make_item: Any, local_stripe: LocalStripe) -> None:
    """Two items and a code, whose coupon and tax rates exist at Stripe."""
    Discount.objects.create(code="TEN", amount=100, currency="USD")
    items = [make_item(stock=9), make_item(name="Pot", stock=9)]
    new_browser().get(f"/buy/{items[0].pk}")
    client = Client()
    for item in items:
        add(client, item)
    use_code(client, "TEN")
    with at_most(24 + ADVISORY_LOCK, commits=2):
        assert client.get("/order/buy").status_code == 200


def test_a_webhook_that_pays(client: Client, item: Item, local_stripe: LocalStripe) -> None:
    client.get(f"/buy/{item.pk}")
    stripe_id = Payment.objects.get().stripe_id
    local_stripe.deliver_events(False)
    local_stripe.pay(stripe_id)
    # Two of them store the address, one reads the shop, and five make the invoice, where it is the
    # first of its series.
    with at_most(18, commits=1):
        assert deliver(event_about(stripe_id)) == 200
    assert Payment.objects.get().state == "succeeded"
