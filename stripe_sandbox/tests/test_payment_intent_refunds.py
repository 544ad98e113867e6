"""Refunds, disputes and faults of PaymentIntents, created by a server or by Checkout."""

import time

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.publishable_keys import CARD, call, secret_of
from stripe_sandbox.tests.support.receiver import Receiver
from stripe_sandbox.tests.support.sessions import (
    charge_of,
    confirm,
    confirm_with_debit,
    create,
    create_intent,
    line,
)
from stripe_sandbox.tests.support.waiting import wait_until

IBAN = "DE89370400440532013000"
DECLINED = "pm_card_chargeDeclined"


def test_refunds_what_the_shop_confirmed(local_stripe: LocalStripe) -> None:
    intent = confirm(create_intent(), "pm_card_visa")
    refund = stripe.Refund.create(payment_intent=intent.id, amount=500)
    assert (refund.amount, refund.charge) == (500, intent.latest_charge)
    assert charge_of(intent.id).amount_refunded == 500
    listed = local_stripe.http.get("/_sandbox/refunds").json()["refunds"]
    assert [each["payment_intent"] for each in listed] == [intent.id]


def test_refunds_what_was_paid_at_the_control_address(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    local_stripe.tell(f"payment_intents/{intent.id}/pay").raise_for_status()
    local_stripe.tell("refund", payment_intent=intent.id).raise_for_status()
    assert charge_of(intent.id).refunded is True
    assert stripe.Refund.list(payment_intent=intent.id).data[0].amount == 1999


def test_refunds_the_last_of_several_attempts(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    with pytest.raises(stripe.CardError):
        confirm(intent, DECLINED)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        stripe.Refund.create(payment_intent=intent.id)
    paid = confirm(intent, "pm_card_visa")
    assert stripe.Refund.create(payment_intent=intent.id).charge == paid.latest_charge
    assert local_stripe.events("charge.refunded")


def test_refunds_a_debit_once_it_is_paid(local_stripe: LocalStripe) -> None:
    local_stripe.configure(delayed_seconds=None)
    intent = confirm_with_debit(IBAN)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        stripe.Refund.create(payment_intent=intent.id)
    local_stripe.tell(f"payment_intents/{intent.id}/finish").raise_for_status()
    refund = stripe.Refund.create(payment_intent=intent.id)
    assert (refund.amount, refund.status) == (1999, "succeeded")
    assert "destination_details" not in refund  # Stripe's types describe none of a debit


def test_refunds_the_debit_of_a_session(local_stripe: LocalStripe) -> None:
    local_stripe.configure(delayed_seconds=None)
    path = f"sessions/{create(line_items=[line(currency='eur')]).id}/pay"
    intent = local_stripe.tell(path, iban=IBAN).json()["session"]["payment_intent"]
    assert local_stripe.tell("refund", payment_intent=intent).status_code == 409
    local_stripe.tell(f"payment_intents/{intent}/finish").raise_for_status()
    assert local_stripe.tell("refund", payment_intent=intent).status_code == 200


def test_disputes_a_debit(local_stripe: LocalStripe) -> None:
    local_stripe.configure(delayed_seconds=None)
    intent = confirm_with_debit(IBAN)
    local_stripe.tell(f"payment_intents/{intent.id}/finish").raise_for_status()
    opened = local_stripe.tell("disputes", payment_intent=intent.id).json()["dispute"]
    assert stripe.Dispute.list(payment_intent=intent.id).data[0].id == opened["id"]
    assert charge_of(intent.id).disputed is True


def test_faults_apply_to_publishable_keys(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    local_stripe.configure(
        faults=[{"status": 429, "retry_after": 7, "path": "/v1/payment_intents"}]
    )
    answer = call(local_stripe, f"payment_intents/{intent.id}/confirm", **secret_of(intent), **CARD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    local_stripe.configure(faults=[{"status": 500, "effect": "after"}])
    answer = call(local_stripe, f"payment_intents/{intent.id}/confirm", **secret_of(intent), **CARD)
    assert answer.status_code == 500
    assert stripe.PaymentIntent.retrieve(intent.id).status == "succeeded"


def test_outage_and_latency_apply_to_publishable_keys(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    local_stripe.configure(outage="500")
    assert (
        call(local_stripe, f"payment_intents/{intent.id}", **secret_of(intent)).status_code == 500
    )
    local_stripe.configure(outage=None, latency=0.3)
    begun = time.monotonic()
    assert (
        call(local_stripe, f"payment_intents/{intent.id}", **secret_of(intent)).status_code == 200
    )
    assert time.monotonic() - begun >= 0.3


def test_a_declined_payment_fails_after_it_acted(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    local_stripe.configure(faults=[{"status": 500, "effect": "after"}])
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            confirm(intent, DECLINED, idempotency_key="try-1")
        assert caught.value.http_status == 500
    assert len(local_stripe.events("payment_intent.payment_failed")) == 1


def test_event_faults_apply_to_intents(listening: LocalStripe, shop: Receiver) -> None:
    shop.ignored = ""
    fault = {"fault": "duplicate_id", "type": "payment_intent.succeeded"}
    listening.configure(event_faults=[fault])
    listening.pay(create())
    kinds = sorted(each.event["type"] for each in shop.wait_for(4))
    assert (
        kinds
        == ["checkout.session.completed", "payment_intent.created"]
        + ["payment_intent.succeeded"] * 2
    )


def test_event_keeps_the_state_of_its_time(local_stripe: LocalStripe) -> None:
    confirm(create_intent(), "pm_card_visa")
    made, paid = stripe.Event.list(type="payment_intent.*").data[::-1]
    states = [each.data.object["status"] for each in (made, paid)]
    assert states == ["requires_payment_method", "succeeded"]


@pytest.mark.parametrize("kept", ["sessions", "payment_intents", "events", "requests"])
def test_shows_only_the_newest(local_stripe: LocalStripe, kept: str) -> None:
    for _ in range(3):
        create()
        create_intent()
    everything = local_stripe.http.get(f"/_sandbox/{kept}").json()[kept]
    newest = local_stripe.http.get(f"/_sandbox/{kept}?last=2").json()[kept]
    assert newest == everything[-2:]


def test_delayed_seconds_follow_clock_ahead(local_stripe: LocalStripe) -> None:
    local_stripe.configure(delayed_seconds=1000)
    intent = confirm_with_debit(IBAN)
    time.sleep(1.2)
    assert stripe.PaymentIntent.retrieve(intent.id).status == "processing"
    local_stripe.configure(clock_ahead=1001)
    wait_until(lambda: stripe.PaymentIntent.retrieve(intent.id).status == "succeeded")


@pytest.mark.parametrize("seconds", ["soon", True])
def test_refuses_a_wrong_delay(local_stripe: LocalStripe, seconds: object) -> None:
    assert local_stripe.tell("config", delayed_seconds=seconds).status_code == 400
