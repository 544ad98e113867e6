"""SEPA debits, which the bank answers later."""

from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import confirm_with_debit, create, line
from stripe_sandbox.tests.support.waiting import wait_until

PAYS, FAILS = "DE89 3704 0044 0532 0130 00", "DE62 3704 0044 0532 0130 01"


@pytest.fixture
def slow_bank(local_stripe: LocalStripe) -> LocalStripe:
    """A local Stripe whose bank answers only on request."""
    local_stripe.configure(delayed_seconds=None)
    return local_stripe


def kinds(local_stripe: LocalStripe) -> list[object]:
    return [event["type"] for event in local_stripe.events()]


def debit(local_stripe: LocalStripe, iban: str) -> stripe.checkout.Session:
    session = create(line_items=[line(currency="eur")])
    answer = local_stripe.pay(session, method="sepa_debit", iban=iban)
    assert answer.status_code == 303
    return stripe.checkout.Session.retrieve(session.id)


def test_debit_pays_later(slow_bank: LocalStripe) -> None:
    intent = confirm_with_debit(PAYS)
    assert (intent.status, intent.amount_received) == ("processing", 0)
    done = slow_bank.tell(f"payment_intents/{intent.id}/finish").json()["payment_intent"]
    assert (done["status"], done["amount_received"]) == ("succeeded", 1999)
    assert stripe.PaymentIntent.retrieve(intent.id).status == "succeeded"
    assert kinds(slow_bank) == [
        "payment_intent.created",
        "payment_intent.processing",
        "payment_intent.succeeded",
    ]


def test_debit_fails_later(slow_bank: LocalStripe) -> None:
    intent = confirm_with_debit(FAILS)
    assert intent.status == "processing"
    slow_bank.tell(f"payment_intents/{intent.id}/finish").raise_for_status()
    failed = stripe.PaymentIntent.retrieve(intent.id, expand=["latest_charge"])
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_payment_attempt_failed"
    assert isinstance(failed.latest_charge, stripe.Charge)
    assert failed.latest_charge.status == "failed"
    assert kinds(slow_bank)[-1] == "payment_intent.payment_failed"


def test_session_is_paid_later(slow_bank: LocalStripe) -> None:
    session = debit(slow_bank, PAYS)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    slow_bank.tell(f"payment_intents/{session.payment_intent}/finish").raise_for_status()
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "paid"
    assert kinds(slow_bank) == [
        "payment_intent.created",
        "payment_intent.processing",
        "checkout.session.completed",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]


def test_session_is_never_paid(slow_bank: LocalStripe) -> None:
    session = debit(slow_bank, FAILS)
    slow_bank.tell(f"payment_intents/{session.payment_intent}/finish").raise_for_status()
    failed = stripe.checkout.Session.retrieve(session.id, expand=["payment_intent"])
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert isinstance(failed.payment_intent, stripe.PaymentIntent)
    assert failed.payment_intent.status == "requires_payment_method"
    assert kinds(slow_bank)[-1] == "checkout.session.async_payment_failed"


def test_bank_answers_after_the_delay(local_stripe: LocalStripe) -> None:
    local_stripe.configure(delayed_seconds=0)
    session = debit(local_stripe, PAYS)
    wait_until(lambda: stripe.checkout.Session.retrieve(session.id).payment_status == "paid")


def test_finishes_only_processing_intents(slow_bank: LocalStripe) -> None:
    intent = confirm_with_debit(PAYS)
    slow_bank.tell(f"payment_intents/{intent.id}/finish").raise_for_status()
    assert slow_bank.tell(f"payment_intents/{intent.id}/finish").status_code == 409
    assert slow_bank.tell("payment_intents/pi_nothing/finish").status_code == 404


def test_page_offers_debits_in_euros_only(local_stripe: LocalStripe) -> None:
    euros = create(line_items=[line(currency="eur")])
    offered = ["card", "sepa_debit", "multibanco", "customer_balance"]
    assert euros.payment_method_types == offered
    assert "IBAN" in local_stripe.http.get(str(euros.url)).text
    dollars = create()
    assert "IBAN" not in local_stripe.http.get(str(dollars.url)).text
    refused = local_stripe.pay(dollars, method="sepa_debit", iban=PAYS)
    assert refused.status_code == 422


def test_page_asks_for_an_iban_only_where_a_debit_is_allowed(local_stripe: LocalStripe) -> None:
    allowed: Any = ["card", "multibanco"]
    session = create(line_items=[line(currency="eur")], allowed_payment_method_types=allowed)
    page = local_stripe.http.get(str(session.url)).text
    assert 'value="multibanco"' in page
    assert "IBAN" not in page
    assert "pays later" not in page


@pytest.mark.parametrize(
    ("iban", "message"),
    [("", "Enter an IBAN."), ("DE00", "The local Stripe accepts these bank accounts")],
)
def test_page_shows_the_error(local_stripe: LocalStripe, iban: str, message: str) -> None:
    session = create(line_items=[line(currency="eur")])
    answer = local_stripe.pay(session, method="sepa_debit", iban=iban)
    assert answer.status_code == 422
    assert message in answer.text
