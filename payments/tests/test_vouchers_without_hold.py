"""VOUCHERS_HOLD_STOCK=False: the stock is taken when a voucher is paid."""

from typing import Any

import pytest
from django.test import Client

from cart.models import Discount, State
from payments.models import Payment
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.presses import intent_of_cart
from tests.support.vouchers import VOUCHER, stock_of, voucher_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=1, currency="EUR")
    return made


@pytest.fixture(autouse=True)
def without_hold(local_stripe: LocalStripe, settings: Any) -> None:
    settings.VOUCHERS_HOLD_STOCK = False
    local_stripe.configure(delayed_seconds=None)


def test_the_stock_is_taken_when_the_money_arrives(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    assert stock_of(mug) == 1
    local_stripe.finish_delayed(payment.stripe_id)
    for _ in range(2):
        assert look_again(payment).state == State.PAID
    assert stock_of(mug) == 0
    assert alert_messages(payment.order) == ""


def test_the_stock_is_taken_although_the_setting_has_changed(
    client: Client, mug: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    settings.VOUCHERS_HOLD_STOCK = True
    local_stripe.finish_delayed(payment.stripe_id)
    assert look_again(payment).state == State.PAID
    assert stock_of(mug) == 0


def test_what_is_sold_out_alerts_staff_and_the_rest_is_taken(
    client: Client, mug: Item, make_item: Any, local_stripe: LocalStripe
) -> None:
    discount = Discount.objects.create(code="ONCE", percent=10, max_redemptions=1)
    pot = make_item(name="Pot", stock=3, currency="EUR")
    add(client, mug)
    add(client, pot, quantity=2)
    client.post("/order/discount", {"code": "ONCE", "currency": "EUR"})
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, method=VOUCHER)
    payment = Payment.objects.get()
    look_again(payment)
    assert (stock_of(mug), stock_of(pot)) == (1, 3)
    Item.objects.filter(pk=mug.pk).update(stock=0)
    local_stripe.finish_delayed(intent_id)
    order = look_again(payment)
    assert (order.state, stock_of(mug), stock_of(pot)) == (State.PAID, 0, 1)
    assert "Mug is sold out" in alert_messages(order)
    assert "used up" not in alert_messages(order)
    discount.refresh_from_db()
    assert discount.times_redeemed == 1


def test_an_expired_voucher_returns_nothing_twice(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    local_stripe.finish_delayed(payment.stripe_id, succeed=False)
    assert look_again(payment).state == State.CANCELLED
    assert stock_of(mug) == 1
