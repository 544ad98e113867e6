"""payments.refund_sync: refunds made at Stripe are stored and counted by their id."""

from decimal import Decimal
from typing import Any

import pytest
import stripe
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, State
from payments import methods, refund_sync
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.settlement import settle
from payments.stripe_api.accounts import account_named
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import error_of
from tests.support.carts import add
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE, look_again, notes_of, paid, run_at
from tests.support.presses import new_browser


def test_stores_refunds_of_the_dashboard_by_their_id(
    client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    first = local_stripe.refund(payment.intent_id, 500)
    order = look_again(payment)
    assert (order.state, order.refunded_amount, payment.refunded_amount) == (State.PAID, 500, 500)
    assert "Partly refunded" in client.get(order.get_absolute_url()).content.decode()
    second = local_stripe.refund(payment.intent_id)
    for _ in range(2):
        order = look_again(payment)
    assert (order.state, order.refunded_amount) == (State.PAID, 1999)
    assert order.is_refunded
    assert "Refunded" in client.get(order.get_absolute_url()).content.decode()
    rows = Refund.objects.values_list("stripe_id", "amount", "state", "requested_by")
    assert list(rows) == [(first, 500, "succeeded", ""), (second, 1499, "succeeded", "")]
    assert len(notes_of(order)) == 2
    assert Item.objects.get().stock == 0  # stock returns only when staff say so


@pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "charge.refunded"])
def test_an_event_about_a_refund_stores_it_once(
    payment: Payment, local_stripe: LocalStripe, kind: str
) -> None:
    refund_id = local_stripe.refund(payment.intent_id, 500)
    about = {"object": {"id": refund_id, "payment_intent": payment.intent_id}}
    for event_id in ("evt_1", "evt_1", "evt_2"):
        assert deliver(event_about("", id=event_id, type=kind, data=about)) == 200
    assert Order.objects.get().refunded_amount == 500
    assert Refund.objects.count() == 1


def test_a_refund_before_the_payment_is_settled_is_stored_with_it(
    item: Item, local_stripe: LocalStripe
) -> None:
    session_id = new_browser().get(f"/buy/{item.pk}").json()["id"]
    local_stripe.pay(session_id)
    payment = Payment.objects.get()
    intent_id = str(local_stripe.session(session_id)["payment_intent"])
    refund_id = local_stripe.refund(intent_id, 500)
    about = {"object": {"id": refund_id, "payment_intent": intent_id}}
    assert deliver(event_about("", type="refund.created", data=about)) == 200
    assert deliver(event_about(payment.stripe_id, id="evt_2")) == 200
    assert (Order.objects.get().state, Order.objects.get().refunded_amount) == (State.PAID, 500)


@pytest.mark.parametrize("end", ["failed", "canceled"])
def test_a_refund_that_ends_without_money_is_not_counted_and_alerts_staff(
    payment: Payment, local_stripe: LocalStripe, end: str
) -> None:
    """Stripe cancels a refund if the buyer doesn't tell it a bank account within 45 days."""
    local_stripe.configure(refunds="pending")
    refund_id = local_stripe.refund(payment.intent_id, 500)
    assert look_again(payment).refunded_amount == 500
    assert Refund.objects.get().state == RefundState.PENDING
    local_stripe.finish_refund(refund_id, end)
    order = look_again(payment)
    assert (order.refunded_amount, Refund.objects.get().state) == (0, end)
    assert "pay the buyer back in another way" in alert_messages(order)


def test_refunding_one_of_two_payments_leaves_the_order_paid(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    """The order was paid twice, so the first refund is of the surplus."""
    order = payment.order
    twin = Payment.objects.create(
        order=order,
        attempt=2,
        account=payment.account,
        livemode=False,
        amount=1999,
        currency="USD",
        state=PaymentState.SUCCEEDED,
        expires_at=payment.expires_at,
    )
    local_stripe.refund(payment.intent_id)
    order = look_again(payment)
    assert (order.refunded_amount, payment.refunded_amount) == (0, 1999)
    twin.delete()
    Refund.objects.all().delete()
    assert look_again(payment).refunded_amount == 1999


def test_refunding_a_wrong_payment_ends_its_hold(make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=1)
    session_id = new_browser().get(f"/buy/{item.pk}").json()["id"]
    Payment.objects.update(amount=5)
    local_stripe.pay(session_id)
    payment = Payment.objects.get()
    assert look_again(payment).state == State.CHECKOUT
    Payment.objects.update(amount=1999)
    local_stripe.refund(payment.intent_id, 500)
    assert look_again(payment).state == State.CHECKOUT  # some of the money is still there
    local_stripe.refund(payment.intent_id)
    assert look_again(payment).state == State.CANCELLED
    item.refresh_from_db()
    assert item.stock == 1


@pytest.mark.django_db(transaction=True)
def test_ignores_metadata_of_another_program(item: Item, local_stripe: LocalStripe) -> None:
    payment = paid(item, local_stripe)
    stripe.Refund.create(
        payment_intent=payment.intent_id,
        amount=100,
        metadata={"refund": "yes"},
        api_key="sk_test_minicart",
    )
    assert run_at(timezone.now()).failed == 0
    assert Refund.objects.get().amount == 100


@pytest.mark.django_db(transaction=True)
def test_a_cart_can_be_bought_after_its_wrong_payment_was_refunded(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """Stripe took another amount than was recorded; after a refund the buyer tries again."""
    add(client, item)
    local_stripe.pay(client.get("/order/buy").json()["id"])
    Payment.objects.update(amount=1998)
    payment = Payment.objects.get()
    assert look_again(payment).state == State.CHECKOUT
    assert error_of(client.get("/order/buy"), 409) == "already_paid"
    local_stripe.refund(payment.intent_id)
    assert look_again(payment).state == State.CART
    session = local_stripe.session(client.get("/order/buy").json()["id"])
    assert session["amount_total"] == 1999
    assert look_again(payment).state == State.CHECKOUT  # held for the second attempt


def test_an_older_list_does_not_revive_a_failed_refund(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    refund_id = local_stripe.refund(payment.intent_id, 500)
    account = account_named(payment.account)
    older = refund_sync.fetch(account, payment, methods.retrieve(account, payment))
    local_stripe.finish_refund(refund_id, "failed")
    run_at(timezone.now())
    with transaction.atomic():
        refund_sync.apply(Order.objects.get(), payment, older, at=timezone.now())
    assert payment.refunds.get().state == RefundState.FAILED
    assert Order.objects.get().refunded_amount == 0


def test_an_order_over_nothing_gets_no_refunds_of_other_payments(
    payment: Payment, item: Item, local_stripe: LocalStripe
) -> None:
    local_stripe.refund(payment.intent_id, 500)
    Discount.objects.create(code="GIFT", percent=Decimal(100))
    client = Client()
    client.post("/order/lines", {"item": item.pk})
    client.post("/order/discount", {"code": "gift", "currency": "USD"})
    local_stripe.pay(client.get("/order/buy").json()["id"])
    free = Payment.objects.latest("pk")
    for _ in range(2):
        settle(free, at=timezone.now(), cause=CAUSE)
    free.refresh_from_db()
    assert (free.state, free.amount, free.refunds.count()) == ("succeeded", 0, 0)
