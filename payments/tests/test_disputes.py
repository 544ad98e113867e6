"""payments.disputes: a dispute at Stripe is stored and alerts staff."""

import pytest

from cart.models import Order
from payments.models import Payment
from tests.support.alerts import alert_messages, resolve_alerts_of
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, notes_of


def test_alerts_staff_once_and_refunds_nothing(payment: Payment, local_stripe: LocalStripe) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    order = look_again(payment)
    assert dispute_id in alert_messages(order)
    assert str(payment.disputes.get()) == f"{dispute_id}: needs_response"
    assert "don’t refund it here" in alert_messages(order)
    resolve_alerts_of(order)
    assert alert_messages(look_again(payment)) == ""
    assert local_stripe.refunds() == []


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


def test_the_alert_of_a_dispute_that_is_lost_stays(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    look_again(payment)
    local_stripe.close_dispute(dispute_id, "lost")
    assert look_again(payment).alerts.filter(resolved_at=None).count() == 2
