"""An order that turns out to be paid after the buyer has edited it: nothing is paid twice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cart.copies import supersede
from cart.freezing import OrderChanged
from cart.models import Discount, Order, State
from payments.checkout import buy_order
from payments.models import Kind, Payment
from payments.settlement import Snapshot, apply
from payments.stripe_api.types import Outcome, StripePayment
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import error_of
from tests.support.carts import add, quantities, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE, look_again, pay_and_settle
from tests.support.presses import buy_cart, intent_of_cart, session_of_cart

pytestmark = pytest.mark.django_db(transaction=True)
FAILS = "DE62370400440532013001"
type Outage = Callable[[], None]


@pytest.fixture
def cart(client: Client) -> Callable[[], dict[str, int]]:
    return lambda: quantities(client)


@pytest.fixture
def outage(local_stripe: LocalStripe) -> Outage:
    """A function that makes Stripe refuse all calls until it is reset."""

    def begin() -> None:
        local_stripe.fail(path="/v1/", status=500, calls=99)

    return begin


def end_outage(local_stripe: LocalStripe) -> None:
    local_stripe.fail(path="/v1/", status=500, calls=0)


def test_one_more_after_paying_leaves_one_in_the_cart(
    client: Client, item: Item, local_stripe: LocalStripe, cart: Any
) -> None:
    """Paid on Stripe's page, the event hasn't arrived yet, another tab presses +."""
    add(client, item)
    local_stripe.deliver_events(False)
    local_stripe.pay(session_of_cart(client))
    add(client, item)
    assert cart() == {"Stoneware mug": 1}
    paid = Order.objects.get(state=State.PAID)
    page = client.get("/order").content.decode()
    assert f"A part of this cart was paid with order {paid.number}" in page
    assert paid.get_absolute_url() in page
    assert (paid.lines.get().quantity, alert_messages(paid)) == (1, "")


def test_a_code_after_paying_leaves_an_empty_cart(
    client: Client, item: Item, local_stripe: LocalStripe, cart: Any
) -> None:
    add(client, item)
    local_stripe.deliver_events(False)
    local_stripe.pay(session_of_cart(client))
    Discount.objects.create(code="TEN", percent=Decimal(10))
    use_code(client, "TEN")
    assert cart() == {}
    page = client.get("/order").content.decode()
    assert f"Order {Order.objects.get(state=State.PAID).number} was paid." in page
    assert error_of(buy_cart(client), 422) == "cart_empty"


def test_is_told_at_the_next_buy_where_stripe_was_away(
    client: Client, item: Item, local_stripe: LocalStripe, cart: Any, outage: Outage
) -> None:
    add(client, item)
    session_id = session_of_cart(client)
    local_stripe.deliver_events(False)
    local_stripe.pay(session_id)
    outage()
    add(client, item)
    assert cart() == {"Stoneware mug": 2}
    assert error_of(buy_cart(client), 503) == "stripe_unavailable"
    end_outage(local_stripe)
    fingerprint = fingerprint_of(client)
    assert error_of(buy_cart(client, shown_fingerprint=fingerprint), 409) == "order_changed"
    assert cart() == {"Stoneware mug": 1}
    assert local_stripe.session(session_of_cart(client))["amount_total"] == 1999


def test_the_event_takes_the_paid_pieces_out_of_the_cart(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any, outage: Outage
) -> None:
    cup, pot = make_item(name="Cup"), make_item(name="Pot", stock=1)
    add(client, cup, quantity=2)
    session_id = session_of_cart(client)
    outage()
    add(client, pot)
    end_outage(local_stripe)
    paid = pay_and_settle(local_stripe, session_id)
    assert cart() == {"Pot": 1}
    assert (paid.state, alert_messages(paid)) == (State.PAID, "")


def test_a_copy_in_checkout_is_copied_again(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any
) -> None:
    """The late money of the first order ends the session of the second."""
    cup, pot = make_item(name="Cup"), make_item(name="Pot")
    add(client, cup)
    first = Payment.objects.get(stripe_id=session_of_cart(client))
    add(client, pot)
    second = session_of_cart(client)
    take_money_late(first, local_stripe)
    assert cart() == {"Pot": 1}
    assert local_stripe.session(second)["status"] == "expired"
    assert local_stripe.session(session_of_cart(client))["amount_total"] == 1999


def test_a_superseded_order_is_not_handed_out_again(
    client: Client, item: Item, local_stripe: LocalStripe, outage: Outage
) -> None:
    """Another tab edits between the view's reading of the order and its look at the attempts."""
    add(client, item)
    session_of_cart(client)
    order = Order.objects.get()
    outage()
    add(client, item)
    end_outage(local_stripe)
    with pytest.raises(OrderChanged):
        buy_order(
            order=order,
            shown_fingerprint=None,
            address_hash="",
            kind=Kind.CHECKOUT,
            at=timezone.now(),
        )


def test_a_copy_that_is_just_being_superseded_is_followed(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any
) -> None:
    """Another tab edits the copy in checkout between two statements of the settlement."""
    cup, pot = make_item(name="Cup"), make_item(name="Pot")
    add(client, cup)
    first = Payment.objects.get(stripe_id=session_of_cart(client))
    add(client, pot)
    session_of_cart(client)
    copy = Order.objects.get(superseded_at=None)
    edited: list[bool] = []

    def edit_once(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if '"copied_from_id" = ' in sql and not edited:
            edited.append(True)
            supersede(copy, at=timezone.now())
        return result

    with connection.execute_wrapper(edit_once):
        take_money_late(first, local_stripe)
    assert edited
    assert cart() == {"Pot": 1}


def test_staff_hear_of_pieces_that_were_paid_twice(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    first = Payment.objects.get(stripe_id=session_of_cart(client))
    add(client, item)
    second = pay_and_settle(local_stripe, session_of_cart(client))
    assert second.state == State.PAID
    take_money_late(first, local_stripe)
    order = Order.objects.get(pk=first.order_id)
    assert second.number in alert_messages(order)


def test_staff_hear_of_it_where_the_original_was_paid_while_its_copy_was_in_checkout(
    client: Client, item: Item, local_stripe: LocalStripe, outage: Outage
) -> None:
    add(client, item)
    first = Payment.objects.get(stripe_id=session_of_cart(client))
    add(client, item)
    second = session_of_cart(client)
    outage()  # the session of the copy can't be ended
    take_money_late(first, local_stripe)
    end_outage(local_stripe)
    copy = pay_and_settle(local_stripe, second)
    assert first.order.number in alert_messages(copy)


def test_a_press_that_began_before_the_original_was_paid_needs_no_staff(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """The event takes the paid piece out of the cart while the press asks Stripe."""
    pressed_at = timezone.now()
    add(client, item)
    first = Payment.objects.get(stripe_id=session_of_cart(client))
    add(client, item)
    take_money_late(first, local_stripe)
    (copy,) = Order.objects.open_for(client.session["visitor"])
    opened = buy_order(
        order=copy, shown_fingerprint=None, address_hash="", kind=Kind.CHECKOUT, at=pressed_at
    )
    second = pay_and_settle(local_stripe, opened.stripe_payment.id)
    assert (second.lines.get().quantity, alert_messages(second)) == (1, "")


def test_a_copy_without_the_paid_items_needs_no_staff(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    cup, pot = make_item(name="Cup"), make_item(name="Pot")
    add(client, cup)
    first = Payment.objects.get(stripe_id=session_of_cart(client))
    add(client, pot)
    (copy,) = Order.objects.open_for(client.session["visitor"])
    client.post(f"/order/lines/{copy.lines.get(item=cup).pk}/remove")
    second = pay_and_settle(local_stripe, session_of_cart(client))
    take_money_late(first, local_stripe)
    assert alert_messages(Order.objects.get(pk=first.order_id)) == ""
    assert alert_messages(second) == ""


def test_a_debit_on_its_way_leaves_the_cart_and_comes_back_when_it_fails(
    client: Client, make_item: Any, local_stripe: LocalStripe, cart: Any, outage: Outage
) -> None:
    item = make_item(currency="EUR")
    add(client, item)
    intent_id = intent_of_cart(client)
    payment = Payment.objects.get(stripe_id=intent_id)
    outage()
    add(client, item)
    end_outage(local_stripe)
    local_stripe.pay_intent(intent_id, iban=FAILS)
    assert look_again(payment).state == State.PROCESSING
    assert cart() == {"Mug": 1}
    local_stripe.finish_delayed(intent_id)
    assert look_again(payment).state == State.CANCELLED
    assert cart() == {"Mug": 2}


def fingerprint_of(client: Client) -> str:
    page = client.get("/order").content.decode()
    return page.split('name="shown_fingerprint" value="')[1].split('"')[0]


def take_money_late(payment: Payment, local_stripe: LocalStripe) -> None:
    """Settle an attempt whose session has expired as if Stripe said that it is paid."""
    found = StripePayment(
        id=payment.stripe_id,
        outcome=Outcome.PAID,
        amount=payment.amount,
        currency=payment.currency,
        email="buyer@shop.example",
        intent_id=f"pi_of_{payment.pk}",
        refunded_amount=0,
        is_disputed=False,
    )
    apply(payment, Snapshot(found), at=timezone.now(), cause=CAUSE)
