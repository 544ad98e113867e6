import time

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Receiver
from stripe_sandbox.tests.support.sessions import create
from stripe_sandbox.tests.support.waiting import wait_until


def event_of_session(local_stripe: LocalStripe) -> dict[str, object]:
    [event] = local_stripe.events("checkout.session")
    return event


def test_sends_an_event_for_a_paid_session(listening: LocalStripe, shop: Receiver) -> None:
    session = create(metadata={"order": "7"})
    listening.pay(session)
    [delivery] = shop.deliveries  # delivered before the buyer was redirected
    event = stripe.Webhook.construct_event(delivery.body, delivery.signature, "whsec_main")
    assert event.type == "checkout.session.completed"
    assert event.api_version == stripe.api_version
    assert event.data.object.id == session.id
    assert event.data.object.payment_status == "paid"
    assert event.data.object.metadata["order"] == "7"


def test_signs_with_the_secret_of_the_account(listening: LocalStripe, shop: Receiver) -> None:
    listening.pay(create(api_key="sk_test_euro"))
    [delivery] = shop.deliveries
    stripe.Webhook.construct_event(delivery.body, delivery.signature, "whsec_euro")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(delivery.body, delivery.signature, "whsec_main")


def test_sends_an_event_for_an_expired_session(listening: LocalStripe, shop: Receiver) -> None:
    create().expire(idempotency_key="expire-7")
    [delivery] = shop.wait_for(1)
    assert delivery.event["type"] == "checkout.session.expired"
    assert delivery.event["request"]["idempotency_key"] == "expire-7"


@pytest.mark.parametrize("status", [500, 400, 301])
def test_retries_until_acknowledged(listening: LocalStripe, shop: Receiver, status: int) -> None:
    shop.answers = [status]
    listening.configure(redirect_wait=0)
    listening.pay(create())
    first, second = shop.wait_for(2)
    assert first.event["id"] == second.event["id"]
    wait_until(lambda: event_of_session(listening)["acknowledged"] is True)


def test_retries_while_the_shop_is_down(local_stripe: LocalStripe) -> None:
    local_stripe.configure(webhook_url="http://127.0.0.1:9/", redirect_wait=0.2)
    assert local_stripe.pay(create()).status_code == 303
    wait_until(lambda: bool(event_of_session(local_stripe)["attempts"]))
    assert event_of_session(local_stripe)["acknowledged"] is False


def test_buyer_waits_for_redirect_wait_at_most(listening: LocalStripe, shop: Receiver) -> None:
    shop.seconds = 12
    listening.configure(redirect_wait=0.2)
    begun = time.monotonic()
    listening.pay(create())
    assert time.monotonic() - begun < 8
    assert shop.deliveries == []


def test_delivers_again_on_demand(listening: LocalStripe, shop: Receiver) -> None:
    listening.pay(create())
    [event] = listening.events("checkout.session")
    again = listening.tell(f"events/{event['id']}/deliver").json()
    assert again["status"] == 200
    first, second = shop.deliveries
    assert first.event["id"] == second.event["id"]


def test_sends_no_events_when_switched_off(listening: LocalStripe, shop: Receiver) -> None:
    listening.configure(webhooks=False)
    listening.pay(create())
    assert shop.deliveries == []
    assert len(listening.events("checkout.session")) == 1


def test_events_can_be_read(listening: LocalStripe) -> None:
    paid, expired = create(), create()
    listening.pay(paid)
    expired.expire()
    newest, oldest = stripe.Event.list(type="checkout.session.*").data
    assert (newest.type, oldest.type) == ("checkout.session.expired", "checkout.session.completed")
    assert stripe.Event.retrieve(oldest.id).data.object["id"] == paid.id
    [only] = stripe.Event.list(type="checkout.session.expired").data
    assert only.id == newest.id


def test_events_belong_to_their_account(listening: LocalStripe) -> None:
    listening.pay(create())
    assert stripe.Event.list(api_key="sk_test_other").data == []
