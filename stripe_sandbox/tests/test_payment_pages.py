"""Payment methods of test tokens, and sessions that are paid without a browser."""

from typing import Any

import httpx
import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Receiver
from stripe_sandbox.tests.support.sessions import RETURN_URL, create, create_intent, percent_coupon


def method(of: str = "tok_visa", **changes: Any) -> str:
    params: dict[str, Any] = {"type": "card", "card": {"token": of}} | changes
    return stripe.PaymentMethod.create(**params).id


def confirm(local_stripe: LocalStripe, session_id: str, **form: str) -> httpx.Response:
    path = f"/v1/payment_pages/{session_id}/confirm"
    return local_stripe.http.post(path, data=form, headers={"Authorization": "Bearer sk_test_main"})


def test_a_payment_method_of_a_token_pays_an_intent(local_stripe: LocalStripe) -> None:
    intent = create_intent().confirm(payment_method=method(), return_url=RETURN_URL)
    assert intent.status == "succeeded"


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"card": {"token": "tok_nothing"}}, "card[token]", "resource_missing"),
        ({"card": {}}, "card", "parameter_missing"),
        ({"card": {"number": "4242424242424242"}}, "card[number]", None),
        ({"type": "sepa_debit"}, "type", None),
    ],
)
def test_refuses_other_payment_methods(
    local_stripe: LocalStripe, changes: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        method(**changes)
    assert (caught.value.param, caught.value.code) == (param, code)


def test_pays_a_session_and_sends_the_event(listening: LocalStripe, shop: Receiver) -> None:
    session = create()
    card = method(billing_details={"email": "ada@example.com"})
    answer = confirm(listening, session.id, payment_method=card, expected_amount="1999")
    assert answer.status_code == 200
    (delivery,) = shop.wait_for(1)
    paid = delivery.event["data"]["object"]
    assert (paid["id"], paid["payment_status"]) == (session.id, "paid")
    assert paid["customer_details"]["email"] == "ada@example.com"
    page = listening.http.get(
        f"/v1/payment_pages/{session.id}", headers={"Authorization": "Bearer sk_test_main"}
    )
    assert page.json()["status"] == "complete"


def test_a_free_session_needs_no_money(local_stripe: LocalStripe) -> None:
    session = create(discounts=[{"coupon": percent_coupon(100)}])
    assert confirm(local_stripe, session.id, payment_method="pm_card_visa").status_code == 200
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "no_payment_required"


def test_a_declined_card_leaves_the_session_open(local_stripe: LocalStripe) -> None:
    session = create()
    answer = confirm(local_stripe, session.id, payment_method=method("tok_chargeDeclined"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "card_declined")
    assert stripe.checkout.Session.retrieve(session.id).status == "open"


def test_3d_secure_leaves_the_session_open(local_stripe: LocalStripe) -> None:
    session = create()
    confirm(local_stripe, session.id, payment_method="pm_card_authenticationRequired")
    assert stripe.checkout.Session.retrieve(session.id).status == "open"


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"payment_method": "pm_card_visa", "expected_amount": "1"}, "expected_amount"),
        ({"payment_method": "pm_nothing"}, "payment_method"),
        ({}, "payment_method"),
        ({"payment_method": "pm_card_visa", "colour": "red"}, "colour"),
    ],
)
def test_refuses_a_wrong_payment(
    local_stripe: LocalStripe, form: dict[str, str], param: str
) -> None:
    answer = confirm(local_stripe, create().id, **form)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_refuses_a_session_that_is_not_open(local_stripe: LocalStripe) -> None:
    session = create()
    session.expire()
    answer = confirm(local_stripe, session.id, payment_method="pm_card_visa")
    assert answer.status_code == 400
