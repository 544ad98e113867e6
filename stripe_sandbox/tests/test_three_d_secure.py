"""The card that needs 3-D Secure."""

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import RETURN_URL, confirm, create, create_intent

CARD = "4000 0025 0000 3155"


def waiting() -> stripe.PaymentIntent:
    return confirm(create_intent(), "pm_card_authenticationRequired", return_url=RETURN_URL)


def bank_page(intent: stripe.PaymentIntent) -> str:
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    return str(intent.next_action.redirect_to_url.url)


def test_intent_requires_action(local_stripe: LocalStripe) -> None:
    intent = waiting()
    assert intent.status == "requires_action"
    assert "Complete authentication" in local_stripe.http.get(bank_page(intent)).text
    assert local_stripe.events()[-1]["type"] == "payment_intent.requires_action"


@pytest.mark.parametrize(
    ("succeed", "status", "redirect_status"),
    [
        ("true", "succeeded", "succeeded"),
        ("false", "requires_payment_method", "failed"),
    ],
)
def test_buyer_returns_to_the_shop(
    local_stripe: LocalStripe, succeed: str, status: str, redirect_status: str
) -> None:
    intent = waiting()
    answer = local_stripe.http.post(bank_page(intent), data={"succeed": succeed})
    assert answer.headers["Location"] == (
        f"{RETURN_URL}?payment_intent={intent.id}"
        f"&payment_intent_client_secret={intent.client_secret}&redirect_status={redirect_status}"
    )
    assert stripe.PaymentIntent.retrieve(intent.id).status == status


@pytest.mark.usefixtures("local_stripe")
def test_failure_is_remembered(local_stripe: LocalStripe) -> None:
    intent = waiting()
    local_stripe.tell(f"payment_intents/{intent.id}/authenticate", succeed=False)
    failed = stripe.PaymentIntent.retrieve(intent.id)
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert local_stripe.events()[-1]["type"] == "payment_intent.payment_failed"


def test_second_click_redirects_like_the_first(local_stripe: LocalStripe) -> None:
    page = bank_page(waiting())
    first, second = (local_stripe.http.post(page, data={"succeed": "true"}) for _ in range(2))
    assert second.headers["Location"] == first.headers["Location"]
    assert len(stripe.Event.list(type="payment_intent.succeeded").data) == 1
    assert local_stripe.http.get(page).status_code == 410
    assert local_stripe.http.get("/3d_secure/pi_nothing").status_code == 404


@pytest.mark.usefixtures("local_stripe")
def test_intent_that_requires_action_can_change() -> None:
    assert waiting().cancel().status == "canceled"
    assert stripe.PaymentIntent.modify(waiting().id, amount=2500).status == "requires_confirmation"


def test_session_is_paid_after_authentication(local_stripe: LocalStripe) -> None:
    session = create()
    page = local_stripe.pay(session, card=CARD, email="ada@example.com").headers["Location"]
    assert stripe.checkout.Session.retrieve(session.id).status == "open"
    answer = local_stripe.http.post(page, data={"succeed": "true"})
    assert answer.headers["Location"] == f"https://shop.example/return?session_id={session.id}"
    paid = stripe.checkout.Session.retrieve(session.id)
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"


def test_session_stays_open_when_authentication_fails(local_stripe: LocalStripe) -> None:
    session = create()
    page = local_stripe.pay(session, card=CARD).headers["Location"]
    back = local_stripe.http.post(page, data={"succeed": "false"}).headers["Location"]
    assert back == session.url
    assert "unable to authenticate your payment method" in local_stripe.http.get(back).text
    assert local_stripe.pay(session).status_code == 303
    assert len(stripe.PaymentIntent.list().data) == 1


def test_expired_session_takes_no_money(local_stripe: LocalStripe) -> None:
    session = create()
    page = local_stripe.pay(session, card=CARD).headers["Location"]
    session.expire()
    assert local_stripe.http.post(page, data={"succeed": "true"}).status_code == 410
    [intent] = stripe.PaymentIntent.list().data
    assert intent.status == "canceled"
