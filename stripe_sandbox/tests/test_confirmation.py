"""A server confirms PaymentIntents: the outcome of each card."""

from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import RETURN_URL, confirm, create_intent, sepa

pytestmark = pytest.mark.usefixtures("local_stripe")


def declined(method: str, **changes: Any) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as caught:
        confirm(create_intent(), method, **changes)
    return caught.value


def test_good_card_pays(local_stripe: LocalStripe) -> None:
    intent = create_intent(metadata={"order": "7"}, receipt_email="ada@example.com")
    paid = confirm(intent, "pm_card_visa", expand=["latest_charge", "payment_method"])
    assert (paid.status, paid.amount_received) == ("succeeded", 1999)
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert (paid.latest_charge.status, paid.latest_charge.paid) == ("succeeded", True)
    assert paid.latest_charge.payment_intent == paid.id
    assert paid.latest_charge.receipt_email == "ada@example.com"
    assert isinstance(paid.payment_method, stripe.PaymentMethod)
    assert paid.payment_method.card is not None
    assert paid.payment_method.card.last4 == "4242"
    kinds = [event["type"] for event in local_stripe.events()]
    assert kinds == ["payment_intent.created", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("method", "decline_code", "message"),
    [
        ("pm_card_chargeDeclined", "generic_decline", "Your card was declined."),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
    ],
)
def test_bad_card_is_declined(
    local_stripe: LocalStripe, method: str, decline_code: str, message: str
) -> None:
    error = declined(method)
    assert (error.http_status, error.code) == (402, "card_declined")
    assert error.user_message == message
    [intent] = stripe.PaymentIntent.list(expand=["data.latest_charge"]).data
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == decline_code
    assert intent.last_payment_error.message == message
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("failed", False)
    assert local_stripe.events()[-1]["type"] == "payment_intent.payment_failed"
    assert confirm(intent, "pm_card_visa").last_payment_error is None


def test_same_key_repeats_a_decline() -> None:
    intent = create_intent()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            confirm(intent, "pm_card_chargeDeclined", idempotency_key="confirm-7")
    assert caught.value.headers is not None
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert len(stripe.Event.list(type="payment_intent.payment_failed").data) == 1


def test_creates_and_confirms_in_one_call() -> None:
    paid = create_intent(confirm=True, payment_method="pm_card_visa", return_url=RETURN_URL)
    assert paid.status == "succeeded"


def test_method_without_confirm_requires_confirmation() -> None:
    intent = create_intent(payment_method="pm_card_visa")
    assert intent.status == "requires_confirmation"
    assert intent.confirm(return_url=RETURN_URL).status == "succeeded"


def test_refuses_to_pay_twice() -> None:
    paid = confirm(create_intent(), "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded") as caught:
        confirm(paid, "pm_card_visa")
    assert caught.value.code == "payment_intent_unexpected_state"


def test_requires_a_payment_method() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        create_intent().confirm(return_url=RETURN_URL)


def test_requires_a_return_url() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="must provide a `return_url`"):
        create_intent().confirm(payment_method="pm_card_visa")
    never = create_intent(automatic_payment_methods={"enabled": True, "allow_redirects": "never"})
    assert never.confirm(payment_method="pm_card_visa").status == "succeeded"


def test_refuses_an_unknown_method() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such PaymentMethod"):
        confirm(create_intent(), "pm_nothing")


def test_refuses_the_number_of_a_card_from_a_server() -> None:
    card = {"type": "card", "card": {"number": "4242424242424242"}}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        confirm(create_intent(), "", payment_method=None, payment_method_data=card)
    assert caught.value.code == "parameter_unknown"


def test_refuses_a_debit_in_dollars() -> None:
    debit = sepa("DE89370400440532013000")
    with pytest.raises(stripe.InvalidRequestError, match="not allowed for this PaymentIntent"):
        create_intent().confirm(payment_method_data=debit, return_url=RETURN_URL)


def test_refuses_an_unknown_account() -> None:
    debit = sepa("DE00370400440532013000")
    with pytest.raises(stripe.InvalidRequestError, match="accepts these bank accounts"):
        create_intent(currency="eur").confirm(payment_method_data=debit, return_url=RETURN_URL)
