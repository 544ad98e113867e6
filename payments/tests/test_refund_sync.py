"""Refunds and disputes, made in Stripe's dashboard: mirrored by id, whatever told of them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.alerts import Alert, raise_alert
from payments.models import Payment, PaymentState, Refund, RefundState
from store.models import Item
from tests.support.alerts import alert_messages, resolve_alerts_of
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, paid


@pytest.fixture
def payment(make_item: Any, local_stripe: LocalStripe) -> Payment:
    return paid(make_item(stock=1), local_stripe)


def notes(order: Order) -> list[str]:
    return [step.cause for step in order.history.all() if step.from_state == step.to_state]


def test_refunds_of_the_dashboard_are_mirrored_by_their_id(
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
    assert len(notes(order)) == 2
    assert Item.objects.get().stock == 0  # stock returns only when staff say so


@pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "charge.refunded"])
def test_an_event_of_a_refund_is_a_reason_to_look(
    payment: Payment, local_stripe: LocalStripe, kind: str
) -> None:
    refund_id = local_stripe.refund(payment.intent_id, 500)
    about = {"object": {"id": refund_id, "payment_intent": payment.intent_id}}
    for event_id in ("evt_1", "evt_1", "evt_2"):
        assert deliver(event_about("", id=event_id, type=kind, data=about)) == 200
    assert Order.objects.get().refunded_amount == 500
    assert Refund.objects.count() == 1


def test_a_refund_told_of_before_the_payment_is_seen_with_it(
    item: Item, local_stripe: LocalStripe
) -> None:
    session_id = Client().get(f"/buy/{item.pk}").json()["id"]
    local_stripe.pay(session_id)
    payment = Payment.objects.get()
    intent_id = str(local_stripe.session(session_id)["payment_intent"])
    refund_id = local_stripe.refund(intent_id, 500)
    about = {"object": {"id": refund_id, "payment_intent": intent_id}}
    assert deliver(event_about("", type="refund.created", data=about)) == 200
    assert deliver(event_about(payment.stripe_id, id="evt_2")) == 200
    assert (Order.objects.get().state, Order.objects.get().refunded_amount) == (State.PAID, 500)


def test_a_refund_that_fails_later_counts_no_more_and_calls_staff(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.configure(refunds="pending")
    refund_id = local_stripe.refund(payment.intent_id, 500)
    assert look_again(payment).refunded_amount == 500
    assert Refund.objects.get().state == RefundState.PENDING
    local_stripe.finish_refund(refund_id, "failed")
    order = look_again(payment)
    assert (order.refunded_amount, Refund.objects.get().state) == (0, RefundState.FAILED)
    assert "pay the buyer back in another way" in alert_messages(order)


def test_refunding_one_of_two_payments_leaves_the_order_paid(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    """Paid twice: the money that came twice goes back first."""
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


def test_a_wrong_payment_that_is_refunded_ends_its_hold(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    session_id = Client().get(f"/buy/{item.pk}").json()["id"]
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


def test_a_dispute_calls_staff_once_and_refunds_nothing(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    order = look_again(payment)
    assert dispute_id in alert_messages(order)
    assert "don’t refund it here" in alert_messages(order)
    resolve_alerts_of(order)
    assert alert_messages(look_again(payment)) == ""
    assert local_stripe.refunds() == []


@pytest.mark.parametrize(("status", "sentence"), [("won", ""), ("lost", "is lost")])
def test_the_end_of_a_dispute_is_noted_and_a_lost_one_calls_staff(
    payment: Payment, local_stripe: LocalStripe, status: str, sentence: str
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    local_stripe.close_dispute(dispute_id, status)
    about = {"object": {"id": dispute_id, "payment_intent": payment.intent_id}}
    assert deliver(event_about("", type="charge.dispute.closed", data=about)) == 200
    order = Order.objects.get()
    assert f"dispute {dispute_id} {status}" in notes(order)
    assert sentence in alert_messages(order)
    assert bool(alert_messages(order)) == bool(sentence)


def test_an_alert_is_raised_once_for_each_reason_and_reference(payment: Payment) -> None:
    order = payment.order
    for reference in ("pi_1", "pi_1", "pi_2"):
        raise_alert(order, Alert.PAID_TWICE, reference=reference, at=timezone.now(), payment="pi")
    assert alert_messages(order).count("Paid a second time, by pi.") == 2
    resolve_alerts_of(order)
    raise_alert(order, Alert.PAID_TWICE, reference="pi_1", at=timezone.now(), payment="pi")
    assert alert_messages(order) == ""
    assert str(order.alerts.first()).startswith("Paid a second time")
