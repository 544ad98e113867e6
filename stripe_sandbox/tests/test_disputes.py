from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import charge_of, create_intent, paid_intent


@pytest.fixture
def intent(local_stripe: LocalStripe) -> str:
    return paid_intent(local_stripe)


def dispute(local_stripe: LocalStripe, intent: str, **wanted: object) -> dict[str, Any]:
    answer = local_stripe.tell("disputes", payment_intent=intent, **wanted)
    answer.raise_for_status()
    return dict(answer.json()["dispute"])


def event_types() -> list[str]:
    found = stripe.Event.list(type="charge.dispute.*").data
    return [each.type.removeprefix("charge.dispute.") for each in found][::-1]


def test_takes_the_money_away(local_stripe: LocalStripe, intent: str) -> None:
    opened = dispute(local_stripe, intent, reason="product_not_received", amount=500)
    found = stripe.Dispute.retrieve(opened["id"])
    assert (found.amount, found.currency, found.status) == (500, "usd", "needs_response")
    assert (found.reason, found.payment_intent) == ("product_not_received", intent)
    assert found.evidence_details.due_by
    charge = charge_of(intent)
    assert (found.charge, charge.disputed) == (charge.id, True)
    assert event_types() == ["created", "funds_withdrawn"]


def test_disputes_the_whole_charge_by_default(local_stripe: LocalStripe, intent: str) -> None:
    opened = dispute(local_stripe, intent)
    assert (opened["amount"], opened["reason"]) == (1999, "fraudulent")


def test_won_dispute_returns_the_money(local_stripe: LocalStripe, intent: str) -> None:
    opened = dispute(local_stripe, intent)
    closed = local_stripe.tell(f"disputes/{opened['id']}/close", status="won").json()["dispute"]
    assert closed["status"] == "won"
    assert event_types()[2:] == ["closed", "funds_reinstated"]
    assert stripe.Refund.create(payment_intent=intent).status == "succeeded"


def test_lost_dispute_keeps_the_money(local_stripe: LocalStripe, intent: str) -> None:
    opened = dispute(local_stripe, intent)
    local_stripe.tell(f"disputes/{opened['id']}/close", status="lost").raise_for_status()
    assert stripe.Dispute.retrieve(opened["id"]).status == "lost"
    assert event_types()[2:] == ["closed"]


@pytest.mark.parametrize("closed", [False, True])
def test_forbids_refunds(local_stripe: LocalStripe, intent: str, closed: bool) -> None:
    opened = dispute(local_stripe, intent)
    if closed:
        local_stripe.tell(f"disputes/{opened['id']}/close", status="lost")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.Refund.create(payment_intent=intent)
    assert caught.value.code == "charge_disputed"


def test_lists_by_payment(local_stripe: LocalStripe, intent: str) -> None:
    other = paid_intent(local_stripe)
    first, second = dispute(local_stripe, intent), dispute(local_stripe, other)
    assert [each.id for each in stripe.Dispute.list().data] == [second["id"], first["id"]]
    assert [each.id for each in stripe.Dispute.list(payment_intent=intent)] == [first["id"]]
    assert [each.id for each in stripe.Dispute.list(charge=second["charge"])] == [second["id"]]
    assert len(local_stripe.http.get("/_sandbox/disputes").json()["disputes"]) == 2


def test_refuses_an_invalid_dispute(local_stripe: LocalStripe, intent: str) -> None:
    assert local_stripe.tell("disputes", payment_intent="pi_nothing").status_code == 404
    assert local_stripe.tell("disputes", payment_intent=intent, amount=2000).status_code == 409
    assert local_stripe.tell("disputes", payment_intent=intent, reason="bored").status_code == 409
    opened = dispute(local_stripe, intent)
    assert local_stripe.tell("disputes", payment_intent=intent).status_code == 409
    close = f"disputes/{opened['id']}/close"
    assert local_stripe.tell(close, status="drawn").status_code == 409
    assert local_stripe.tell(close, status="won").status_code == 200
    assert local_stripe.tell(close, status="lost").status_code == 409
    assert local_stripe.tell("disputes/du_nothing/close").status_code == 404


def test_a_fraud_warning_is_an_event_and_in_a_list(local_stripe: LocalStripe) -> None:
    intent = paid_intent(local_stripe)
    assert local_stripe.tell("fraud_warnings", payment_intent=intent).status_code == 200
    event = local_stripe.events("radar.")[0]
    warning = event["payload"]["data"]["object"]  # type: ignore[index]
    assert event["type"] == "radar.early_fraud_warning.created"
    assert (warning["payment_intent"], warning["actionable"]) == (intent, True)
    listed = stripe.radar.EarlyFraudWarning.list
    assert [each.id for each in listed(payment_intent=intent)] == [warning["id"]]
    assert [each.id for each in listed(created={"gte": warning["created"]})] == [warning["id"]]
    assert listed(created={"gt": warning["created"]}).data == []
    unpaid = create_intent().id
    assert listed(payment_intent=unpaid).data == []
    assert local_stripe.tell("fraud_warnings", payment_intent=unpaid).status_code == 409
