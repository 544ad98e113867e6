"""A bank transfer of Stripe Checkout that has ended for the shop only: it can still be paid."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment
from payments.refunds.proposal import refundable
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import page_of
from tests.support.carts import add, quantities
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, pay_and_settle, run_at
from tests.support.presses import session_of_cart

pytestmark = pytest.mark.django_db(transaction=True)
TRANSFER_END = timedelta(days=15)


@pytest.fixture
def pot(make_item: Any) -> Item:
    made: Item = make_item(name="Pot", price=Decimal(38), currency="EUR")
    return made


@pytest.fixture
def awaited(client: Client, make_item: Any, local_stripe: LocalStripe) -> Payment:
    """The transfer for a mug in the cart, before its end."""
    local_stripe.configure(delayed_seconds=None)
    add(client, make_item(currency="EUR", stock=3))
    local_stripe.pay(session_of_cart(client), method="customer_balance")
    payment = Payment.objects.get()
    look_again(payment)
    return payment


@pytest.fixture
def ended(awaited: Payment) -> Payment:
    """The same transfer after its end."""
    run_at(timezone.now() + TRANSFER_END)
    awaited.refresh_from_db()
    return awaited


def transfer(local_stripe: LocalStripe) -> None:
    """The money of the transfer arrives; the shop hasn't heard of it yet."""
    (intent,) = [each for each in local_stripe.intents() if each["status"] == "requires_action"]
    local_stripe.deliver_events(False)
    local_stripe.finish_delayed(intent["id"])


def test_its_end_cancels_the_order_and_fills_the_cart_again(client: Client, ended: Payment) -> None:
    assert (ended.order.state, ended.order.total_amount) == (State.CANCELLED, 1999)
    assert quantities(client) == {"Mug": 1}


def test_late_money_pays_only_the_lines_of_the_transfer(
    client: Client, ended: Payment, pot: Item, local_stripe: LocalStripe
) -> None:
    add(client, pot)
    transfer(local_stripe)
    order = look_again(ended)
    assert (order.state, order.subtotal_amount, order.total_amount) == (State.PAID, 1999, 1999)
    assert [line.name for line in order.lines.all()] == ["Mug"]
    assert refundable(ended).proposal(refundable(ended).pieces) == 1999
    assert quantities(client) == {"Pot": 1}
    assert alert_messages(order) == ""
    assert Item.objects.get(name="Mug").stock == 2


def test_late_money_takes_its_pieces_out_of_a_cart_that_was_there_before(
    client: Client, awaited: Payment, pot: Item, local_stripe: LocalStripe
) -> None:
    add(client, pot)
    run_at(timezone.now() + TRANSFER_END)
    assert quantities(client) == {"Pot": 1, "Mug": 1}
    transfer(local_stripe)
    assert look_again(awaited).state == State.PAID
    assert quantities(client) == {"Pot": 1}


def test_late_money_for_what_was_bought_again_alerts_staff(
    client: Client, ended: Payment, local_stripe: LocalStripe
) -> None:
    again = pay_and_settle(local_stripe, session_of_cart(client))
    assert again.state == State.PAID
    transfer(local_stripe)
    order = look_again(ended)
    assert order.state == State.PAID
    assert again.number in alert_messages(order)
    assert Order.objects.filter(state=State.PAID).count() == 2


def test_late_money_takes_its_pieces_out_of_a_cart_that_is_a_copy(
    client: Client, awaited: Payment, pot: Item, local_stripe: LocalStripe
) -> None:
    """The buyer has edited the next cart during its checkout before the transfer ends."""
    add(client, pot)
    session_of_cart(client)
    add(client, pot)
    run_at(timezone.now() + TRANSFER_END)
    assert quantities(client) == {"Pot": 2, "Mug": 1}
    transfer(local_stripe)
    assert look_again(awaited).state == State.PAID
    assert quantities(client) == {"Pot": 2}
    assert alert_messages(awaited.order) == ""


def test_late_money_for_the_edited_cart_takes_its_pieces_out_too(
    client: Client, awaited: Payment, pot: Item, local_stripe: LocalStripe
) -> None:
    """The session of the edited cart could not be ended, and is paid."""
    add(client, pot)
    session = session_of_cart(client)
    local_stripe.fail(path="/v1/", status=500, calls=99)
    add(client, pot)
    local_stripe.fail(calls=0)
    local_stripe.deliver_events(False)
    local_stripe.pay(session)
    run_at(timezone.now() + TRANSFER_END)
    assert Order.objects.get(payments__stripe_id=session).state == State.PAID
    assert quantities(client) == {"Pot": 1, "Mug": 1}
    transfer(local_stripe)
    assert look_again(awaited).state == State.PAID
    assert quantities(client) == {"Pot": 1}


def test_late_money_while_the_same_items_are_being_paid_again_alerts_staff(
    client: Client, ended: Payment, local_stripe: LocalStripe
) -> None:
    session = session_of_cart(client)
    local_stripe.deliver_events(False)
    local_stripe.pay(session)
    transfer(local_stripe)
    assert look_again(ended).state == State.PAID
    again = Order.objects.get(payments__stripe_id=session)
    assert again.state == State.PAID
    assert ended.order.number in alert_messages(again)


def requests_about(payment: Payment, local_stripe: LocalStripe) -> int:
    return len(local_stripe.requests("GET", f"/v1/checkout/sessions/{payment.stripe_id}"))


def test_the_reconciler_finds_late_money_without_an_event(
    ended: Payment, local_stripe: LocalStripe
) -> None:
    transfer(local_stripe)
    run_at(ended.expires_at + timedelta(days=59, hours=23))
    assert Order.objects.get(pk=ended.order_id).state == State.PAID


def test_the_reconciler_looks_for_late_money_once_an_hour_for_60_days(
    ended: Payment, local_stripe: LocalStripe
) -> None:
    before = requests_about(ended, local_stripe)
    for later in (timedelta(minutes=59), timedelta(minutes=61), timedelta(minutes=90)):
        run_at(timezone.now() + TRANSFER_END + later)
    assert requests_about(ended, local_stripe) == before + 1
    run_at(ended.expires_at + timedelta(days=60))
    assert requests_about(ended, local_stripe) == before + 1
    assert alert_messages(ended.order) == ""


def test_the_return_address_finds_late_money_without_an_event(
    client: Client, ended: Payment, local_stripe: LocalStripe
) -> None:
    transfer(local_stripe)
    receipt = ended.order.get_absolute_url()
    assert client.get(f"{receipt}/return")["Location"] == receipt
    assert Order.objects.get(pk=ended.order_id).state == State.PAID


def test_a_transfer_that_failed_at_stripe_is_not_looked_at_again(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    local_stripe.configure(delayed_seconds=None)
    add(client, make_item(currency="EUR"))
    local_stripe.pay(session_of_cart(client), method="multibanco")
    payment = Payment.objects.get()
    look_again(payment)
    local_stripe.finish_delayed(local_stripe.intents()[0]["id"], succeed=False)
    look_again(payment)
    before = requests_about(payment, local_stripe)
    assert run_at(timezone.now() + timedelta(days=1)).payments == 0
    assert requests_about(payment, local_stripe) == before


def test_the_cart_says_not_to_make_the_transfer_any_more(client: Client, ended: Payment) -> None:
    page = page_of(client, "/order")
    number = ended.order.number
    assert f"The time for the bank transfer of order {number} has ended, so its items" in page
    assert "Don’t make the transfer any more" in page
    assert f"order {number} failed" not in page
    russian = client.get("/order", headers={"Accept-Language": "ru"}).content.decode()
    assert f"Срок банковского перевода за заказ {number} истёк" in russian


def test_the_receipt_says_not_to_make_the_transfer_any_more(
    client: Client, ended: Payment, local_stripe: LocalStripe
) -> None:
    path = ended.order.get_absolute_url()
    receipt = page_of(client, path)
    assert "Don’t make the transfer any more" in receipt
    assert "nothing was charged" not in receipt
    russian = client.get(path, headers={"Accept-Language": "ru"}).content.decode()
    assert "Больше не делайте этот перевод" in russian
    transfer(local_stripe)
    look_again(ended)
    assert "Don’t make the transfer any more" not in page_of(client, path)
