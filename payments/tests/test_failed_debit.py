"""A delayed payment that fails gives its contents back to the visitor's cart."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Discount, Order, State
from payments.models import Payment
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.carts import add, quantities
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.presses import intent_of_cart, session_of_cart

pytestmark = pytest.mark.django_db(transaction=True)
FAILS = "DE62370400440532013001"


@pytest.fixture
def cart(client: Client) -> Callable[[], dict[str, int]]:
    return lambda: quantities(client)


def failed_debit(client: Client, item: Item, local_stripe: LocalStripe) -> Payment:
    """A debit for two pieces in the cart, which the bank will refuse."""
    add(client, item, quantity=2)
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, iban=FAILS)
    payment = Payment.objects.get(stripe_id=intent_id)
    assert look_again(payment).state == State.PROCESSING
    local_stripe.finish_delayed(intent_id)
    return payment


def test_a_failed_debit_gives_the_cart_back(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any
) -> None:
    payment = failed_debit(client, make_item(currency="EUR"), local_stripe)
    assert client.get("/order").content.count(b"cart-line-name") == 0
    assert look_again(payment).state == State.CART
    assert cart() == {"Mug": 2}


def test_a_failed_debit_is_merged_with_the_cart_that_the_visitor_has_begun(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any
) -> None:
    mug, pot = make_item(currency="EUR"), make_item(currency="EUR", name="Pot")
    Discount.objects.create(code="TEN", percent=Decimal(10))
    payment = failed_debit(client, mug, local_stripe)
    add(client, pot)
    add(client, mug, quantity=998)
    order = look_again(payment)
    assert order.state == State.CANCELLED
    assert cart() == {"Pot": 1, "Mug": 999}
    page = client.get(order.get_absolute_url()).content.decode()
    assert 'href="/order"' in page.split("<main")[1]


def test_a_failed_debit_is_merged_with_a_cart_in_checkout(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any
) -> None:
    mug, pot = make_item(currency="EUR"), make_item(currency="EUR", name="Pot")
    payment = failed_debit(client, mug, local_stripe)
    add(client, pot)
    session_id = session_of_cart(client)
    look_again(payment)
    assert cart() == {"Pot": 1, "Mug": 2}
    assert (
        local_stripe.session(session_id, key=local_stripe.key_of(session_id))["status"] == "expired"
    )


def test_a_failed_debit_locks_the_cart_before_the_items(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    """Buy locks order, items and discount in this order; another order would deadlock."""
    mug = make_item(currency="EUR", stock=9)
    payment = failed_debit(client, mug, local_stripe)
    add(client, mug)
    with CaptureQueriesContext(connection) as captured:
        look_again(payment)
    writes = [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]
    tables = [sql.split('"')[1] for sql in writes]
    assert tables.index("store_item") > tables.index("cart_order")
    assert "cart_order" not in tables[tables.index("store_item") :]


@pytest.mark.parametrize("stock", [0, 5])
def test_a_debit_takes_no_stock_that_the_item_got_since(
    client: Client, make_item: Any, local_stripe: LocalStripe, stock: int
) -> None:
    mug = make_item(currency="EUR")
    add(client, mug, quantity=2)
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, iban="DE89370400440532013000")
    payment = Payment.objects.get()
    look_again(payment)
    Item.objects.update(stock=stock)
    local_stripe.finish_delayed(intent_id)
    order = look_again(payment)
    mug.refresh_from_db()
    assert (order.state, mug.stock, alert_messages(order)) == (State.PAID, stock, "")


def test_a_debit_that_is_on_its_way_is_not_called_paid(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any
) -> None:
    """The buyer edited the cart while the debit was confirmed; then the debit fails."""
    mug = make_item(currency="EUR")
    add(client, mug)
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, iban=FAILS)
    add(client, mug)
    payment = Payment.objects.get(stripe_id=intent_id)
    assert payment.state == State.PROCESSING
    page = client.get("/order").content.decode()
    assert f"The payment for order {payment.order.number} is on its way." in page
    local_stripe.finish_delayed(intent_id)
    look_again(payment)
    assert cart() == {"Mug": 2}
    page = client.get("/order").content.decode()
    assert f"order {payment.order.number} failed, so its items are in the cart again." in page
    Order.objects.update(updated_at=timezone.now() - timedelta(days=2))
    assert payment.order.number not in client.get("/order").content.decode()
