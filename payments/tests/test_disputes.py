"""payments.disputes: a dispute at Stripe is stored and alerts staff."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments import disputes, methods
from payments.alerts import Alert
from payments.models import Payment
from payments.refunds import request_refund
from payments.refunds.proposal import refundable
from payments.stripe_api.accounts import account_named
from payments.stripe_api.disputes import StripeDispute
from store.models import Item
from tests.support.alerts import alert_messages, resolve_alerts_of
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, notes_of, run_at
from tests.support.presses import intent_of_item, press_buy


def test_alerts_staff_once_and_refunds_nothing(payment: Payment, local_stripe: LocalStripe) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    order = look_again(payment)
    assert dispute_id in alert_messages(order)
    assert str(payment.disputes.get()) == f"{dispute_id}: needs_response"
    assert "don’t refund it here" in alert_messages(order)
    resolve_alerts_of(order)
    assert alert_messages(look_again(payment)) == ""
    assert local_stripe.refunds() == []


def test_an_inquiry_alerts_staff_and_a_refund_settles_it(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    """The bank only asks and has taken no money."""
    dispute_id = local_stripe.dispute(payment.intent_id, is_inquiry=True)
    order = look_again(payment)
    assert f"asks about this payment ({dispute_id})" in alert_messages(order)
    assert "don’t refund" not in alert_messages(order)
    assert refundable(payment).has_money
    request_refund(
        payment=payment,
        key=uuid4(),
        amount=payment.amount,
        reason="fraudulent",
        pieces={},
        restock=False,
        by="ada",
        at=timezone.now(),
    )
    assert [each["status"] for each in local_stripe.refunds()] == ["succeeded"]


@pytest.mark.parametrize(("status", "alerts"), [("won", False), ("lost", True)])
def test_its_end_is_in_the_history_and_a_lost_one_alerts_staff(
    payment: Payment, local_stripe: LocalStripe, status: str, alerts: bool
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    local_stripe.close_dispute(dispute_id, status)
    about = {"object": {"id": dispute_id, "payment_intent": payment.intent_id}}
    assert deliver(event_about("", type="charge.dispute.closed", data=about)) == 200
    order = Order.objects.get()
    assert f"dispute {dispute_id} {status}" in notes_of(order)
    assert ("is lost" in alert_messages(order)) == alerts
    assert bool(alert_messages(order)) == alerts


def hear_of_fraud(warning_id: str, payment: Payment, event_id: str = "evt_1") -> None:
    """The event of an early fraud warning arrives."""
    about = {"object": {"id": warning_id, "payment_intent": payment.intent_id}}
    kind = "radar.early_fraud_warning.created"
    assert deliver(event_about("", id=event_id, type=kind, data=about)) == 200


def test_a_fraud_warning_alerts_staff_once_and_says_what_to_do(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    warning_id = local_stripe.warn_of_fraud(payment.intent_id)
    for event_id in ("evt_1", "evt_2"):
        hear_of_fraud(warning_id, payment, event_id)
    order = Order.objects.get()
    assert alert_messages(order).count(warning_id) == 1
    assert "refund it in full now" in alert_messages(order)
    assert f"dispute {warning_id} early fraud warning" in notes_of(order)
    resolve_alerts_of(order)
    hear_of_fraud(warning_id, payment, "evt_3")
    assert alert_messages(order) == ""


def test_several_fraud_warnings_of_a_payment_raise_one_alert(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    warnings = [local_stripe.warn_of_fraud(payment.intent_id) for _ in range(2)]
    for number, warning_id in enumerate(warnings):
        hear_of_fraud(warning_id, payment, f"evt_{number}")
    order = Order.objects.get()
    assert order.alerts.get().message.count(warnings[0]) == 1
    for warning_id in warnings:
        assert f"dispute {warning_id} early fraud warning" in notes_of(order)


def test_a_fraud_warning_after_a_refund_is_only_noted(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    warning_id = local_stripe.warn_of_fraud(payment.intent_id)
    local_stripe.refund(payment.intent_id)
    hear_of_fraud(warning_id, payment)
    order = Order.objects.get()
    assert f"dispute {warning_id} early fraud warning" in notes_of(order)
    assert alert_messages(order) == ""


def test_a_fraud_warning_that_comes_before_the_settlement_of_a_session_alerts_staff(
    item: Item, local_stripe: LocalStripe
) -> None:
    """The shop doesn't know the session's intent yet. The reconciler finds the warning later."""
    payment = press_buy(item)
    local_stripe.pay(payment.stripe_id)
    payment.intent_id = str(local_stripe.session(payment.stripe_id)["payment_intent"])
    warning_id = local_stripe.warn_of_fraud(payment.intent_id)
    hear_of_fraud(warning_id, payment)
    assert alert_messages(payment.order) == ""
    assert run_at(timezone.now()).updated == 1
    assert alert_messages(payment.order).count(warning_id) == 1
    assert run_at(timezone.now()).updated == 0


def test_a_fraud_warning_settles_an_intent_and_alerts_staff(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    intent_id = intent_of_item(client, item)
    local_stripe.pay_intent(intent_id)
    hear_of_fraud(local_stripe.warn_of_fraud(intent_id), Payment(intent_id=intent_id))
    order = Order.objects.get()
    assert order.state == State.PAID
    assert "refund it in full now" in alert_messages(order)


def test_a_fraud_warning_about_an_unsettled_payment_is_left_to_the_reconciler(
    item: Item, local_stripe: LocalStripe
) -> None:
    payment = press_buy(item)
    disputes.warn_of_fraud(payment, "issfr_1", at=timezone.now())
    assert notes_of(payment.order) == []
    assert alert_messages(payment.order) == ""


def test_a_dispute_ends_the_advice_to_refund(payment: Payment, local_stripe: LocalStripe) -> None:
    hear_of_fraud(local_stripe.warn_of_fraud(payment.intent_id), payment)
    local_stripe.dispute(payment.intent_id)
    order = look_again(payment)
    assert "refund it in full" not in alert_messages(order)
    assert "don’t refund it here" in alert_messages(order)


def test_the_alert_of_a_dispute_that_is_won_is_dealt_with(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    assert dispute_id in alert_messages(look_again(payment))
    local_stripe.close_dispute(dispute_id, "won")
    order = look_again(payment)
    assert alert_messages(order) == ""
    alert = order.alerts.get()
    assert alert.resolved_at is not None
    assert alert.resolved_by == "Stripe"


def test_the_alert_of_a_dispute_that_is_lost_replaces_those_before(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    """Nobody can answer it any more."""
    dispute_id = local_stripe.dispute(payment.intent_id)
    look_again(payment)
    local_stripe.close_dispute(dispute_id, "lost")
    order = look_again(payment)
    assert order.alerts.get(resolved_at=None).reason == Alert.DISPUTE_LOST
    assert order.alerts.get(resolved_by="Stripe").reason == Alert.DISPUTE_OPENED


@pytest.mark.parametrize(
    ("statuses", "open_alert"),
    [
        (["warning_needs_response", "needs_response"], Alert.DISPUTE_OPENED),
        (["warning_under_review", "warning_closed"], None),
        (["needs_response", "under_review"], Alert.DISPUTE_OPENED),
        (["needs_response", "lost", "appeal_needs_response"], Alert.DISPUTE_LOST),
        (["needs_response", "lost", "appeal_under_review", "won"], None),
        (["prevented"], Alert.DISPUTE_PREVENTED),
    ],
)
def test_only_the_alert_about_the_present_status_is_open(
    payment: Payment, statuses: list[str], open_alert: Alert | None
) -> None:
    """The bank may dispute what it only asked about, and another alert would say: refund it."""
    for status in statuses:
        with payment.locked() as (order, locked):
            found = [StripeDispute("du_1", payment.intent_id, status)]
            disputes.apply(order, locked, found, at=timezone.now())
    still_open = payment.order.alerts.filter(resolved_at=None)
    assert [each.reason for each in still_open] == ([open_alert] if open_alert else [])


def test_a_dispute_is_found_although_its_charge_is_not_disputed_any_more(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    account = account_named(payment.account)
    shown = replace(methods.retrieve(account, payment), is_disputed=False)
    assert [each.id for each in disputes.fetch(account, payment, shown)] == [dispute_id]
