from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import charge_of, paid_intent
from stripe_sandbox.tests.support.waiting import wait_until


@pytest.fixture
def intent(local_stripe: LocalStripe) -> str:
    return paid_intent(local_stripe)


def pending_refund(local_stripe: LocalStripe, intent: str) -> stripe.Refund:
    local_stripe.configure(refunds="pending")
    return stripe.Refund.create(payment_intent=intent, amount=500)


def event_types() -> list[str]:
    return [str(each.type) for each in stripe.Event.list(type="*refund*").data][::-1]


def previous_attributes() -> dict[str, Any]:
    """What the only update has changed."""
    [event] = stripe.Event.list(type="refund.updated").data
    return dict(event.to_dict()["data"]["previous_attributes"])


def test_pending_refund_counts_as_refunded(local_stripe: LocalStripe, intent: str) -> None:
    refund = pending_refund(local_stripe, intent)
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert charge_of(intent).amount_refunded == 500


def test_succeeds_later(local_stripe: LocalStripe, intent: str) -> None:
    refund = pending_refund(local_stripe, intent)
    answer = local_stripe.tell(f"refunds/{refund.id}/finish", status="succeeded").json()
    assert answer["refund"]["status"] == "succeeded"
    assert "pending_reason" not in stripe.Refund.retrieve(refund.id)
    assert event_types() == ["refund.created", "charge.refunded", "refund.updated"]
    assert previous_attributes() == {"status": "pending", "pending_reason": "processing"}
    assert charge_of(intent).amount_refunded == 500


def test_fails_later_and_frees_the_amount(local_stripe: LocalStripe, intent: str) -> None:
    refund = pending_refund(local_stripe, intent)
    local_stripe.tell(
        f"refunds/{refund.id}/finish", status="failed", failure_reason="lost_or_stolen_card"
    ).raise_for_status()
    failed = stripe.Refund.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert event_types()[2:] == ["refund.updated", "refund.failed"]
    assert previous_attributes()["failure_reason"] is None
    charge = charge_of(intent)
    assert (charge.amount_refunded, charge.refunded) == (0, False)


def test_is_canceled_in_the_dashboard(local_stripe: LocalStripe, intent: str) -> None:
    refund = pending_refund(local_stripe, intent)
    local_stripe.tell(f"refunds/{refund.id}/finish", status="canceled").raise_for_status()
    assert stripe.Refund.retrieve(refund.id).status == "canceled"
    assert charge_of(intent).amount_refunded == 0


def test_finishes_once(local_stripe: LocalStripe, intent: str) -> None:
    refund = pending_refund(local_stripe, intent)
    finish = f"refunds/{refund.id}/finish"
    assert local_stripe.tell(finish, status="failed").status_code == 200
    assert local_stripe.tell(finish, status="failed").status_code == 409
    assert local_stripe.tell(finish, status="succeeded").status_code == 409
    assert local_stripe.tell(finish, failure_reason="bored").status_code == 400
    assert local_stripe.tell("refunds/re_nothing/finish").status_code == 404


def test_succeeded_refund_can_fail(local_stripe: LocalStripe, intent: str) -> None:
    local_stripe.configure(refunds="fail_later")
    refund = stripe.Refund.create(payment_intent=intent)
    assert (refund.status, charge_of(intent).refunded) == ("succeeded", True)
    wait_until(lambda: stripe.Refund.retrieve(refund.id).status == "failed")
    assert (charge_of(intent).amount_refunded, charge_of(intent).refunded) == (0, False)


def test_is_made_in_the_dashboard(local_stripe: LocalStripe, intent: str) -> None:
    answer = local_stripe.tell("refund", payment_intent=intent, amount=500).json()
    assert (answer["refund"]["account"], answer["refund"]["metadata"]) == ("main", {})
    [event] = stripe.Event.list(type="refund.created").data
    assert event.request is not None
    assert (event.request.id, event.request.idempotency_key) == (None, None)
    [refund] = local_stripe.http.get("/_sandbox/refunds").json()["refunds"]
    assert refund == answer["refund"]
    assert stripe.Refund.retrieve(refund["id"]).amount == 500


def test_dashboard_refuses_as_the_api_does(local_stripe: LocalStripe, intent: str) -> None:
    answer = local_stripe.tell("refund", payment_intent=intent, amount=2000)
    assert answer.status_code == 409
    assert "is greater than" in answer.json()["error"]["message"]
    assert local_stripe.tell("refund", payment_intent="pi_nothing").status_code == 404
    assert local_stripe.tell("refund", payment_intent=intent, amount="5").status_code == 400
    assert local_stripe.tell("refund", payment_intent=intent, reason="bored").status_code == 400
    assert local_stripe.tell("refund", colour="red").status_code == 400
    assert local_stripe.tell("refund").status_code == 404
