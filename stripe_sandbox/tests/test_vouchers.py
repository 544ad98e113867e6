"""Vouchers and bank transfers, which the buyer pays in the days that follow."""

from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import RETURN_URL, create, create_intent, line
from stripe_sandbox.tests.support.waiting import wait_until

VOUCHER, TRANSFER = "multibanco", "customer_balance"


def awaited(kind: str) -> stripe.PaymentIntent:
    """An intent that the buyer has confirmed with a voucher or a bank transfer."""
    method: Any = {"type": kind, "billing_details": {"email": "ada@example.com"}}
    intent = create_intent(currency="eur")
    return intent.confirm(payment_method_data=method, return_url=RETURN_URL)


def kinds(local_stripe: LocalStripe) -> list[object]:
    return [event["type"] for event in local_stripe.events()]


def page_of(intent: stripe.PaymentIntent) -> str:
    action = intent.next_action
    assert action is not None
    shown = action[action.type].to_dict()
    return str(shown.get("hosted_voucher_url") or shown["hosted_instructions_url"])


def test_a_voucher_says_how_to_pay_until_when(local_stripe: LocalStripe) -> None:
    intent = awaited(VOUCHER)
    assert (intent.status, intent.amount_received) == ("requires_action", 0)
    assert intent.next_action is not None
    assert intent.next_action.type == "multibanco_display_details"
    voucher = intent.next_action.multibanco_display_details
    assert voucher is not None
    assert voucher.expires_at is not None
    assert voucher.expires_at > intent.created + 6 * 24 * 60 * 60
    assert str(voucher.reference) in local_stripe.http.get(page_of(intent)).text
    overview = local_stripe.http.get("/_sandbox/").text
    assert f'href="/voucher/{intent.id}"' in overview
    assert kinds(local_stripe) == ["payment_intent.created", "payment_intent.requires_action"]


def test_a_transfer_says_how_to_pay_and_has_no_end(local_stripe: LocalStripe) -> None:
    intent = awaited(TRANSFER)
    assert intent.next_action is not None
    assert intent.next_action.type == "display_bank_transfer_instructions"
    instructions = intent.next_action.display_bank_transfer_instructions
    assert instructions is not None
    assert (instructions.amount_remaining, instructions.type) == (1999, "eu_bank_transfer")
    assert "expire" not in local_stripe.http.get(page_of(intent)).text
    refused = local_stripe.tell(f"payment_intents/{intent.id}/finish", succeed=False)
    assert refused.status_code == 409
    refused = local_stripe.http.post(page_of(intent), data={"succeed": "false"})
    assert (refused.status_code, "doesn&#39;t expire" in refused.text) == (409, True)
    assert stripe.PaymentIntent.retrieve(intent.id).status == "requires_action"


@pytest.mark.parametrize("kind", [VOUCHER, TRANSFER])
def test_is_paid_later(local_stripe: LocalStripe, kind: str) -> None:
    intent = awaited(kind)
    done = local_stripe.tell(f"payment_intents/{intent.id}/finish").json()["payment_intent"]
    assert (done["status"], done["amount_received"]) == ("succeeded", 1999)
    assert kinds(local_stripe)[-1] == "payment_intent.succeeded"
    assert local_stripe.http.get(page_of(intent)).status_code == 410


@pytest.mark.parametrize(
    ("succeed", "status"), [("true", "succeeded"), ("false", "requires_payment_method")]
)
def test_the_page_of_the_voucher_pays_or_expires_it(
    local_stripe: LocalStripe, succeed: str, status: str
) -> None:
    intent = awaited(VOUCHER)
    answer = local_stripe.http.post(page_of(intent), data={"succeed": succeed})
    assert answer.status_code == 200
    assert stripe.PaymentIntent.retrieve(intent.id).status == status
    assert local_stripe.http.get("/voucher/pi_nothing").status_code == 404


def test_a_voucher_expires_at_its_end_unless_it_was_cancelled(local_stripe: LocalStripe) -> None:
    expires, cancelled, transfer = awaited(VOUCHER), awaited(VOUCHER), awaited(TRANSFER)
    cancelled.cancel()
    local_stripe.configure(clock_ahead=8 * 24 * 60 * 60)
    wait_until(lambda: kinds(local_stripe)[-1] == "payment_intent.payment_failed")
    expired = stripe.PaymentIntent.retrieve(expires.id)
    assert expired.status == "requires_payment_method"
    assert expired.last_payment_error is not None
    assert expired.last_payment_error.code == "payment_intent_payment_attempt_expired"
    assert stripe.PaymentIntent.retrieve(cancelled.id).status == "canceled"
    assert stripe.PaymentIntent.retrieve(transfer.id).status == "requires_action"


@pytest.mark.parametrize("kind", [VOUCHER, TRANSFER])
def test_a_session_is_complete_and_paid_later(local_stripe: LocalStripe, kind: str) -> None:
    made = create(line_items=[line(currency="eur")])
    assert local_stripe.pay(made, method=kind).status_code == 303
    session = stripe.checkout.Session.retrieve(made.id, expand=["payment_intent"])
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    assert session.payment_intent.status == "requires_action"
    local_stripe.tell(f"payment_intents/{session.payment_intent.id}/finish").raise_for_status()
    assert stripe.checkout.Session.retrieve(made.id).payment_status == "paid"
    assert kinds(local_stripe)[-1] == "checkout.session.async_payment_succeeded"


def test_a_session_whose_voucher_expires_stays_unpaid(local_stripe: LocalStripe) -> None:
    made = create(line_items=[line(currency="eur")])
    local_stripe.tell(f"sessions/{made.id}/pay", method=VOUCHER).raise_for_status()
    intent = stripe.checkout.Session.retrieve(made.id).payment_intent
    local_stripe.tell(f"payment_intents/{intent}/finish", succeed=False).raise_for_status()
    failed = stripe.checkout.Session.retrieve(made.id)
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert kinds(local_stripe)[-1] == "checkout.session.async_payment_failed"


def test_a_voucher_needs_an_email_address(local_stripe: LocalStripe) -> None:
    method: Any = {"type": VOUCHER}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        create_intent(currency="eur").confirm(payment_method_data=method, return_url=RETURN_URL)
    assert caught.value.param == "payment_method_data[billing_details][email]"


def test_a_voucher_needs_no_authentication(local_stripe: LocalStripe) -> None:
    intent = awaited(VOUCHER)
    assert local_stripe.tell(f"payment_intents/{intent.id}/authenticate").status_code == 409
    assert local_stripe.http.get(f"/3d_secure/{intent.id}").status_code == 410
