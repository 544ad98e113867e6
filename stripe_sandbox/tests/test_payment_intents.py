"""Create, change, list and cancel PaymentIntents with a secret key."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import confirm, create, create_intent

pytestmark = pytest.mark.usefixtures("local_stripe")


def refusal(**changes: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        create_intent(**changes)
    return caught.value


def test_makes_an_intent() -> None:
    intent = create_intent(
        metadata={"order": "7"}, receipt_email="ada@example.com", description="Mug"
    )
    assert intent.status == "requires_payment_method"
    assert intent.client_secret is not None
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert intent.automatic_payment_methods is not None
    assert intent.automatic_payment_methods.enabled is True
    assert (intent.amount, intent.amount_received, intent.latest_charge) == (1999, 0, None)
    assert intent.payment_method_types == ["card"]
    assert intent.metadata["order"] == "7"
    assert stripe.PaymentIntent.retrieve(intent.id).receipt_email == "ada@example.com"


OFFERED_IN_EUROS = ["card", "sepa_debit", "multibanco", "customer_balance"]


def test_offers_debits_in_euros() -> None:
    assert create_intent(currency="eur").payment_method_types == OFFERED_IN_EUROS
    only_cards = create_intent(currency="eur", allowed_payment_method_types=["card"])
    assert only_cards.payment_method_types == ["card"]
    assert "No valid payment method" in str(refusal(allowed_payment_method_types=["sepa_debit"]))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 0}, "parameter_invalid_integer"),
        ({"amount": -1}, "parameter_invalid_integer"),
        ({"amount": 19.99}, "parameter_invalid_integer"),
        ({"amount": 49}, "amount_too_small"),
        ({"amount": 29, "currency": "gbp"}, "amount_too_small"),
        ({"amount": 100, "currency": "ugx"}, "amount_too_small"),
        ({"amount": 100_000_000}, "amount_too_large"),
        ({"amount": 150_050, "currency": "isk"}, "parameter_invalid_integer"),
        ({"amount": 1_235, "currency": "kwd"}, "parameter_invalid_integer"),
        ({"amount": None}, "parameter_missing"),
        ({"currency": None}, "parameter_missing"),
        ({"colour": "red"}, "parameter_unknown"),
        ({"description": ""}, "parameter_invalid_empty"),
        ({"receipt_email": "ada"}, "email_invalid"),
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported"),
    ],
)
def test_refuses(changes: dict[str, object], code: str) -> None:
    assert refusal(**changes).code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"capture_method": "manual"},
        {"setup_future_usage": "off_session"},
        {"automatic_payment_methods": {"enabled": False}},
        {"confirmation_token": "ctoken_1"},
    ],
)
def test_refuses_unsupported_parameters(changes: dict[str, object]) -> None:
    assert "The local Stripe does not implement" in str(refusal(**changes))


def test_refuses_an_unknown_currency() -> None:
    assert "Invalid currency: xxx" in str(refusal(currency="xxx"))


def test_changes_an_unpaid_intent() -> None:
    intent = create_intent(metadata={"order": "7", "note": "old"}, receipt_email="a@example.com")
    changed = stripe.PaymentIntent.modify(
        intent.id,
        amount=2500,
        description="Two mugs",
        receipt_email="",
        metadata={"note": "", "size": "L"},
    )
    assert (changed.amount, changed.description, changed.receipt_email) == (2500, "Two mugs", None)
    assert changed.metadata.to_dict() == {"order": "7", "size": "L"}


def test_changes_the_currency_within_what_is_allowed() -> None:
    changed = stripe.PaymentIntent.modify(create_intent().id, currency="eur")
    assert changed.payment_method_types == OFFERED_IN_EUROS
    debit = create_intent(currency="eur", allowed_payment_method_types=["sepa_debit"])
    with pytest.raises(stripe.InvalidRequestError, match="No valid payment method"):
        stripe.PaymentIntent.modify(debit.id, currency="usd")


def test_refuses_a_change_that_is_too_small() -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.PaymentIntent.modify(create_intent().id, amount=1)
    assert caught.value.code == "amount_too_small"


def test_keeps_the_amount_of_a_paid_intent() -> None:
    paid = confirm(create_intent(), "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError, match="amount could not be updated") as caught:
        stripe.PaymentIntent.modify(paid.id, amount=2500)
    assert caught.value.code == "payment_intent_unexpected_state"
    assert stripe.PaymentIntent.modify(paid.id, metadata={"a": "b"}).metadata["a"] == "b"


def test_lists_the_newest_first() -> None:
    first, second, third = (create_intent() for _ in range(3))
    assert [each.id for each in stripe.PaymentIntent.list().data] == [third.id, second.id, first.id]
    rest = stripe.PaymentIntent.list(limit=1, starting_after=third.id)
    assert ([each.id for each in rest.data], rest.has_more) == ([second.id], True)
    assert stripe.PaymentIntent.list(created={"gt": first.created + 60}).data == []
    assert len(stripe.PaymentIntent.list(created={"gte": first.created}).data) == 3
    assert stripe.PaymentIntent.list(created=first.created - 60).data == []


def test_cancels() -> None:
    intent = create_intent().cancel(cancellation_reason="abandoned")
    assert (intent.status, intent.cancellation_reason) == ("canceled", "abandoned")
    assert intent.canceled_at is not None
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled") as caught:
        intent.cancel()
    assert caught.value.code == "payment_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        confirm(intent, "pm_card_visa")


def test_refuses_to_cancel_a_paid_intent() -> None:
    paid = confirm(create_intent(), "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        paid.cancel()


def test_belongs_to_its_account() -> None:
    intent = create_intent()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.PaymentIntent.retrieve(intent.id, api_key="sk_test_other")
    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 404)
    assert stripe.PaymentIntent.list(api_key="sk_test_other").data == []


def test_repeats_the_first_answer() -> None:
    first, second = (create_intent(idempotency_key="order-7") for _ in range(2))
    assert first.id == second.id
    with pytest.raises(stripe.IdempotencyError):
        create_intent(idempotency_key="order-7", amount=2500)
    assert len(stripe.PaymentIntent.list().data) == 1


def test_sends_events(local_stripe: LocalStripe) -> None:
    create_intent(idempotency_key="order-7").cancel()
    made, canceled = local_stripe.events("payment_intent.")
    assert (made["type"], canceled["type"]) == ("payment_intent.created", "payment_intent.canceled")
    assert isinstance(made["payload"], dict)
    assert made["payload"]["data"]["object"]["status"] == "requires_payment_method"
    assert made["payload"]["request"]["idempotency_key"] == "order-7"


def test_intent_of_a_session_cannot_be_changed(local_stripe: LocalStripe) -> None:
    session = create()
    local_stripe.pay(session, card="4000000000000002")
    [intent] = stripe.PaymentIntent.list().data
    assert intent.status == "requires_payment_method"
    forbidden: list[Callable[[], object]] = [
        lambda: intent.cancel(),
        lambda: confirm(intent, "pm_card_visa"),
        lambda: stripe.PaymentIntent.modify(intent.id, amount=100),
    ]
    for act in forbidden:
        with pytest.raises(stripe.InvalidRequestError, match="created by Checkout"):
            act()
    session.expire()
    canceled = stripe.PaymentIntent.retrieve(intent.id)
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "expired")
