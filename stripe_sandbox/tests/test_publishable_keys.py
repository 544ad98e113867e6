"""Calls with a publishable key and the client secret of a PaymentIntent."""

import pytest

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.publishable_keys import CARD, call, secret_of
from stripe_sandbox.tests.support.sessions import create_intent


def test_sees_the_public_part_of_an_intent(local_stripe: LocalStripe) -> None:
    intent = create_intent(metadata={"order": "7"})
    answer = call(local_stripe, f"payment_intents/{intent.id}", **secret_of(intent))
    assert answer.json()["status"] == "requires_payment_method"
    assert "metadata" not in answer.json()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_pays_with_the_number_of_a_card(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    answer = call(local_stripe, f"payment_intents/{intent.id}/confirm", **secret_of(intent), **CARD)
    assert answer.json()["status"] == "succeeded"


@pytest.mark.parametrize("number", ["4000000000000002", "4111111111111111"])
def test_answers_a_decline(local_stripe: LocalStripe, number: str) -> None:
    intent = create_intent()
    sent = {**secret_of(intent), **CARD, "payment_method_data[card][number]": number}
    answer = call(local_stripe, f"payment_intents/{intent.id}/confirm", **sent)
    assert answer.status_code == 402
    assert answer.json()["error"]["type"] == "card_error"
    assert answer.json()["error"]["code"] == "card_declined"


def test_needs_the_secret_of_the_intent(local_stripe: LocalStripe) -> None:
    intent, other = create_intent(), create_intent()
    path = f"payment_intents/{intent.id}"
    assert call(local_stripe, path).json()["error"]["code"] == "parameter_missing"
    wrong = call(local_stripe, path, **secret_of(other))
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "client_secret")


def test_needs_the_key_of_the_account(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    path = f"payment_intents/{intent.id}"
    answer = call(local_stripe, path, "pk_test_other", **secret_of(intent))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "resource_missing")


@pytest.mark.parametrize("path", ["payment_intents", "events", "checkout/sessions/cs_test_1"])
def test_publishable_key_cannot_call_anything_else(local_stripe: LocalStripe, path: str) -> None:
    answer = call(local_stripe, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "secret_key_required")


def test_refuses_parameters_that_need_a_secret_key(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    path = f"payment_intents/{intent.id}/confirm"
    forbidden = call(local_stripe, path, **secret_of(intent), **CARD, off_session="true")
    assert forbidden.json()["error"]["code"] == "secret_key_required"
    unknown = call(local_stripe, path, **secret_of(intent), **CARD, colour="red")
    assert unknown.json()["error"]["code"] == "parameter_unknown"


def test_answers_a_preflight_request(local_stripe: LocalStripe) -> None:
    answer = local_stripe.http.options("/v1/payment_intents/pi_1/confirm")
    assert answer.status_code == 200
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
