"""Name, address and phone are read back from Stripe at settlement and kept on the order."""

import logging
from typing import Any

import pytest
import stripe
from django.test import Client
from django.utils import timezone

from cart.models import Order, ShippingAddress, State
from payments.models import Payment, PaymentState
from payments.settlement import end_attempt
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.carts import add
from tests.support.local_stripe import DEFAULT_KEY, LocalStripe, to
from tests.support.payments import CAUSE, look_again
from tests.support.presses import intent_of_item, new_browser, press_buy
from tests.support.shipping import add_rate

pytestmark = pytest.mark.django_db
SENT = to(
    "DE",
    name="Ada Buyer",
    phone="+4930123456",
    line1="Hauptstraße 5",
    line2="Hof",
    city="Köln",
    postal_code="50667",
)
KEPT = {
    "name": "Ada Buyer",
    "phone": "+4930123456",
    "line1": "Hauptstraße 5",
    "line2": "Hof",
    "postal_code": "50667",
    "city": "Köln",
    "state": "",
    "country": "DE",
}


@pytest.fixture(autouse=True)
def _rate(db: None) -> None:
    add_rate(490, "DE")


def kept() -> dict[str, str]:
    """The only address, without its keys."""
    (values,) = ShippingAddress.objects.values(*KEPT)
    return dict(values)


def paid_here(item: Item, local_stripe: LocalStripe, **how: Any) -> Order:
    intent_id = intent_of_item(new_browser(), item)
    local_stripe.pay_intent(intent_id, **how)
    return look_again(Payment.objects.get(stripe_id=intent_id))


def test_of_checkout(item: Item, local_stripe: LocalStripe, settings: Any) -> None:
    settings.CHECKOUT_PHONE_NUMBER = True
    payment = press_buy(item)
    local_stripe.pay(payment.stripe_id, shipping=SENT)
    for _ in range(2):
        order = look_again(payment)
    assert (order.state, order.email) == (State.PAID, "buyer@shop.example")
    assert order.buyer_name
    assert kept() == KEPT
    assert alert_messages(order) == ""


def test_of_pay_here(item: Item, local_stripe: LocalStripe) -> None:
    order = paid_here(item, local_stripe, shipping=SENT)
    assert (order.state, order.buyer_name) == (State.PAID, "Ada Buyer")
    assert kept() == KEPT
    assert alert_messages(order) == ""


def test_another_country_than_the_frozen_one_is_an_alert(
    item: Item, local_stripe: LocalStripe
) -> None:
    """The script of the page allows one country, but a browser can send any."""
    order = paid_here(item, local_stripe, shipping=to("FR"))
    assert order.state == State.PAID
    assert "paid for shipping to DE, but entered an address in FR" in alert_messages(order)
    assert kept()["country"] == "FR"


def test_a_missing_address_is_an_alert(item: Item, local_stripe: LocalStripe) -> None:
    order = paid_here(item, local_stripe)
    assert order.state == State.PAID
    assert "Stripe has no address with pi_" in alert_messages(order)
    assert not ShippingAddress.objects.exists()


def test_the_buyer_is_kept_with_the_recipient_if_the_money_does_not_pay_the_order(
    item: Item, local_stripe: LocalStripe
) -> None:
    """Staff can write to the buyer, and find the order by the e-mail to forget it."""
    intent_id = intent_of_item(new_browser(), item)
    Payment.objects.update(amount=1)
    local_stripe.pay_intent(intent_id, shipping=SENT)
    order = look_again(Payment.objects.get())
    assert order.state == State.CHECKOUT
    assert (order.email, order.buyer_name) == ("buyer@example.com", "Ada Buyer")
    assert kept() == KEPT


def test_a_digital_order_keeps_no_address(make_item: Any, local_stripe: LocalStripe) -> None:
    """Also if a browser sends one."""
    order = paid_here(make_item(needs_shipping=False), local_stripe, shipping=SENT)
    assert (order.state, alert_messages(order)) == (State.PAID, "")
    assert not ShippingAddress.objects.exists()


def test_texts_that_no_column_takes_do_not_stop_the_settlement(
    item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent_id = intent_of_item(new_browser(), item)
    local_stripe.pay_intent(intent_id, shipping=SENT)
    body = stripe.PaymentIntent.retrieve(
        intent_id, expand=["latest_charge"], api_key=DEFAULT_KEY
    ).to_dict()
    long = "\x00" + "ä\ud800" * 3000
    address = dict.fromkeys(("line1", "line2", "postal_code", "city", "state", "country"), long)
    body["shipping"] = {"name": long, "phone": long, "address": address}
    answer = stripe.PaymentIntent.construct_from(body, DEFAULT_KEY)
    monkeypatch.setattr(stripe.PaymentIntent, "retrieve", lambda *_a, **_k: answer)
    order = look_again(Payment.objects.get())
    assert order.state == State.PAID
    assert order.buyer_name == "ä" * 200
    lengths = {name: len(text) for name, text in kept().items()}
    assert lengths == {
        "name": 200,
        "phone": 40,
        "line1": 200,
        "line2": 200,
        "postal_code": 40,
        "city": 100,
        "state": 100,
        "country": 2,
    }
    assert "entered an address in ää." in alert_messages(order)


def test_an_address_without_a_country_is_an_alert(
    item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent_id = intent_of_item(new_browser(), item)
    local_stripe.pay_intent(intent_id, shipping=SENT)
    body = stripe.PaymentIntent.retrieve(intent_id, api_key=DEFAULT_KEY).to_dict()
    del body["shipping"]["address"]["country"]
    answer = stripe.PaymentIntent.construct_from(body, DEFAULT_KEY)
    monkeypatch.setattr(stripe.PaymentIntent, "retrieve", lambda *_a, **_k: answer)
    assert "an address in ?." in alert_messages(look_again(Payment.objects.get()))


def test_a_second_payment_does_not_change_the_address(
    item: Item, local_stripe: LocalStripe
) -> None:
    order = paid_here(item, local_stripe, shipping=SENT)
    intent_id = intent_of_item(new_browser(), item)
    second = Payment.objects.get(stripe_id=intent_id)
    Payment.objects.filter(pk=second.pk).update(order=order, attempt=2)
    local_stripe.pay_intent(intent_id, shipping=to("DE", name="Eve"))
    order = look_again(Payment.objects.get(pk=second.pk))
    assert "a second time" in alert_messages(order)
    assert kept() == KEPT


def test_an_order_that_is_paid_as_a_cart_keeps_the_address_and_has_to_be_sent(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    client.get("/order/buy")
    payment = Payment.objects.get()
    with payment.locked() as (order, locked):
        end_attempt(order, locked, to=PaymentState.FAILED, at=timezone.now(), cause=CAUSE)
    local_stripe.pay(payment.stripe_id, shipping=SENT)
    order = look_again(payment)
    assert (order.state, order.needs_shipping) == (State.PAID, True)
    assert kept()["line1"] == "Hauptstraße 5"
    assert "was paid by" in alert_messages(order)


def test_address_and_phone_are_in_no_log(
    item: Item, local_stripe: LocalStripe, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    paid_here(item, local_stripe, shipping=to("FR", name="Ada Buyer", line1="Hauptstraße 5"))
    text = caplog.text
    assert "needs attention" in text
    assert not any(each in text for each in ("Hauptstraße", "Ada Buyer", "+15555550123"))
