"""An attempt that has ended for the shop and is paid afterwards."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, State
from payments.models import Payment, PaymentState
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, pay_and_settle, run_at
from tests.support.presses import press_buy, session_of_cart


@pytest.mark.django_db(transaction=True)
def test_an_earlier_attempt_does_not_pay_for_lines_added_since(
    client: Client,
    item: Item,
    make_item: Any,
    local_stripe: LocalStripe,
    swap_keys: Callable[[], None],
) -> None:
    add(client, item)
    client.get("/order/buy")
    first = Payment.objects.get()
    swap_keys()
    run_at(timezone.now() + timedelta(days=1))
    swap_keys()
    add(client, make_item(name="Gold", price=Decimal(500)))
    client.get("/order/buy")
    local_stripe.pay(first.stripe_id)
    order = look_again(first)
    assert order.state == State.CHECKOUT
    assert "an earlier attempt" in alert_messages(order)


@pytest.mark.django_db(transaction=True)
def test_takes_the_stock_even_if_the_code_is_used_up(
    client: Client, make_item: Any, local_stripe: LocalStripe, swap_keys: Callable[[], None]
) -> None:
    item = make_item(stock=1)
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, item)
    use_code(client, "ONCE")
    client.get("/order/buy")
    payment = Payment.objects.get()
    swap_keys()
    run_at(timezone.now() + timedelta(minutes=36))
    swap_keys()
    Discount.objects.update(times_redeemed=1)
    local_stripe.pay(payment.stripe_id)
    order = look_again(payment)
    item.refresh_from_db()
    assert (order.state, item.stock) == (State.PAID, 0)
    assert "used up since" in alert_messages(order)


def test_a_cart_becomes_paid_and_alerts_staff(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    session_id = session_of_cart(client)
    Payment.objects.update(state=PaymentState.EXPIRED)
    Order.objects.update(state=State.CART)
    order = pay_and_settle(local_stripe, session_id)
    assert (order.state, order.total_amount) == (State.PAID, 1999)
    assert "when it was a cart again. It has no invoice" in alert_messages(order)
    assert not order.invoices.exists()


def test_a_code_used_up_since_alerts_staff(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    discount = Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, item)
    use_code(client, "ONCE")
    session_id = session_of_cart(client)
    Order.objects.update(state=State.CANCELLED)
    discount.refresh_from_db()
    assert discount.times_redeemed == 1  # as if another order had taken it
    order = pay_and_settle(local_stripe, session_id)
    assert order.state == State.PAID
    assert "used up since" in alert_messages(order)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_paid", [True, False])
def test_an_attempt_that_the_right_keys_find_again_needs_no_attention(
    client: Client,
    item: Item,
    local_stripe: LocalStripe,
    swap_keys: Callable[[], None],
    is_paid: bool,
) -> None:
    """Stripe sends its event for three days."""
    payment = press_buy(item)
    if is_paid:
        local_stripe.pay(payment.stripe_id)
    else:
        local_stripe.expire(payment.stripe_id)
    swap_keys()
    run_at(timezone.now() + timedelta(days=1))
    assert "current keys of account" in alert_messages(payment.order)
    swap_keys()
    order = look_again(payment)
    assert order.state == (State.PAID if is_paid else State.CANCELLED)
    assert alert_messages(order) == ""
