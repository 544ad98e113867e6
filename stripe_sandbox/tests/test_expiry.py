import time
from email.utils import parsedate_to_datetime

import httpx
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Receiver
from stripe_sandbox.tests.support.sessions import create, minutes_from_now


def test_session_expires_on_time(local_stripe: LocalStripe) -> None:
    session = create(expires_at=minutes_from_now(31))
    local_stripe.configure(clock_ahead=32 * 60)
    assert stripe.checkout.Session.retrieve(session.id).status == "expired"


def test_expired_session_sends_an_event(listening: LocalStripe, shop: Receiver) -> None:
    session = create(expires_at=minutes_from_now(31))
    listening.configure(clock_ahead=32 * 60)
    [delivery] = shop.wait_for(1)
    assert delivery.event["type"] == "checkout.session.expired"
    assert delivery.event["data"]["object"]["id"] == session.id
    stripe.Webhook.construct_event(delivery.body, delivery.signature, "whsec_main")


def test_expired_session_cannot_be_paid(local_stripe: LocalStripe) -> None:
    session = create(expires_at=minutes_from_now(31))
    local_stripe.configure(clock_ahead=32 * 60)
    assert local_stripe.pay(session).status_code == 410


def test_session_stays_open_until_then(local_stripe: LocalStripe) -> None:
    session = create(expires_at=minutes_from_now(31))
    local_stripe.configure(clock_ahead=29 * 60)
    assert stripe.checkout.Session.retrieve(session.id).status == "open"


def test_paid_session_never_expires(local_stripe: LocalStripe) -> None:
    session = create(expires_at=minutes_from_now(31))
    local_stripe.pay(session)
    local_stripe.configure(clock_ahead=25 * 60 * 60)
    assert stripe.checkout.Session.retrieve(session.id).status == "complete"


def test_control_address_expires_a_session(listening: LocalStripe, shop: Receiver) -> None:
    session = create()
    answer: httpx.Response = listening.tell(f"sessions/{session.id}/expire")
    assert answer.json()["session"]["status"] == "expired"
    assert shop.wait_for(1)[0].event["type"] == "checkout.session.expired"
    assert listening.tell(f"sessions/{session.id}/expire").status_code == 409


def test_the_header_date_shows_the_time_of_its_clock(local_stripe: LocalStripe) -> None:
    for ahead in (0, -240, 3600):
        local_stripe.configure(clock_ahead=ahead)
        answer = local_stripe.http.get("/v1/events")
        [date] = answer.headers.get_list("date")
        assert abs(parsedate_to_datetime(date).timestamp() - time.time() - ahead) < 30
        if ahead == 0:
            assert abs(create().created - time.time()) < 30
