"""How many statements and commits the cart takes. Restate a figure where a change needs more."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from cart.models import Discount, OrderLine, Tax
from store.models import Item
from tests.support.carts import HTMX, add, use_code
from tests.support.shipping import add_rate
from tests.support.statements import at_most
from web.models import RequestCount

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


@pytest.fixture
def shop(db: None, item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop with taxes and shipping, in the middle of a minute.

    The first change of a minute deletes the counts of the older ones.
    """
    for name in ("VAT", "Levy"):
        Tax.objects.create(display_name=name, percentage=Decimal(5))
    add_rate(490, "DE", "FR")
    monkeypatch.setattr("time.time", lambda: 60_000_015.0)
    add(Client(), item)


@pytest.mark.parametrize("lines", [1, 12])
def test_a_cart_takes_the_same_for_any_number_of_lines(
    client: Client, make_item: Any, lines: int
) -> None:
    for number in range(lines):
        add(client, make_item(name=f"Item {number}"))
    # The session, carts and waiting orders, lines with items, their pictures, shipping rates, the
    # country that the visitor chose last, taxes, the shop, the collections, the footer's pages.
    with at_most(10, commits=0):
        client.get("/order")
    Discount.objects.create(code="TEN", percent=Decimal(10))
    use_code(client, "TEN")
    client.post("/order/shipping", {"currency": "USD", "country": "FR"})
    with at_most(10, commits=0):  # the discount, and no other country
        client.get("/order")


def test_a_cart_without_a_session_takes_none(client: Client) -> None:
    with at_most(3, commits=0):  # the shop, the collections, the pages of the footer
        client.get("/order")


@pytest.mark.parametrize("htmx", [True, False])
def test_an_add(client: Client, item: Item, make_item: Any, htmx: bool) -> None:
    # The count of changes, the item, the shop; the new cart and line, the count, the new session.
    with at_most(7, commits=1):
        add(client, item, htmx=htmx)
    # The count, the item, the shop, the session; the cart, its lines, the changed line and cart,
    # the count.
    for each in (make_item(name="Pot"), item):
        with at_most(9, commits=1):
            add(client, each, htmx=htmx)


def test_an_add_that_is_refused(client: Client, make_item: Any) -> None:
    item = make_item(stock=0)
    # The count of changes, the item, the shop, the count.
    with at_most(4, commits=1):
        assert add(client, item, htmx=True).status_code == 409
    add(client, make_item(currency="EUR"))
    # The session makes six more: it is read, a cart is looked for and made, the lines in carts are
    # read; whether the visitor holds the item, the badge.
    with at_most(10, commits=1):
        assert add(client, item, htmx=True).status_code == 409
    assert RequestCount.objects.get().count == 4


@pytest.mark.parametrize(
    ("action", "form"),
    [("", {"change": "1"}), ("", {"quantity": "3", "was": "1"}), ("/remove", {})],
)
def test_an_edit(client: Client, item: Item, action: str, form: dict[str, str]) -> None:
    add(client, item)
    line = OrderLine.objects.latest("pk")
    # The count of changes, the session, the line with item and order; the cart, the line, the
    # changed line and cart, the count; then the cart as above.
    with at_most(15, commits=1):
        answer = client.post(f"/order/lines/{line.pk}{action}", form, headers=HTMX)
        assert answer.status_code == 200
