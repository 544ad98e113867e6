import time
from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Delivery, Receiver
from stripe_sandbox.tests.support.sessions import create

SESSION = "checkout.session."


def sign_of_trouble(local_stripe: LocalStripe, fault: str, **more: Any) -> None:
    """With what a session comes to; each payment has events of its PaymentIntent besides."""
    fault_of_session = {"fault": fault, "type": SESSION, **more}
    local_stripe.configure(event_faults=[fault_of_session])


def types(deliveries: list[Delivery]) -> list[str]:
    return [each.event["type"].rpartition(".")[2] for each in deliveries]


def is_genuine(delivery: Delivery) -> bool:
    try:
        stripe.Webhook.construct_event(delivery.body, delivery.signature, "whsec_main")
    except stripe.SignatureVerificationError:
        return False
    return True


def test_comes_late(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "late", seconds=0.6)
    begun = time.monotonic()
    create().expire()
    shop.wait_for(1)
    assert time.monotonic() - begun > 0.5


def test_never_comes(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "never")
    session = create()
    begun = time.monotonic()
    assert listening.pay(session).status_code == 303
    assert time.monotonic() - begun < 2
    time.sleep(0.8)
    assert shop.deliveries == []
    [event] = listening.events(SESSION)
    assert (event["fault"], event["attempts"]) == ("never", [])
    assert stripe.Event.list(delivery_success=False, type=f"{SESSION}*").data[0].id == event["id"]


def test_comes_twice(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "duplicate")
    listening.pay(create())
    first, second = shop.wait_for(2)
    assert first.event["id"] == second.event["id"]
    assert len(stripe.Event.list(type=f"{SESSION}*").data) == 1


def test_comes_as_two_events(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "duplicate_id")
    listening.pay(create())
    first, second = shop.wait_for(2)
    assert first.event["id"] != second.event["id"]
    assert first.event["data"] == second.event["data"]
    assert {each.id for each in stripe.Event.list(type=f"{SESSION}*").data} == {
        first.event["id"],
        second.event["id"],
    }


def test_comes_after_the_next(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "out_of_order", type="checkout.session.completed")
    listening.configure(redirect_wait=0)
    listening.pay(create())
    create().expire()
    assert types(shop.wait_for(2)) == ["expired", "completed"]


def test_comes_in_the_end_though_nothing_follows(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "out_of_order", seconds=0.5)
    held = create().expire()
    create(api_key="sk_test_other").expire()  # another account's does not overtake it
    _, last = shop.wait_for(2)
    assert last.event["data"]["object"]["id"] == held.id


def test_of_many_out_of_order_every_other_is_overtaken(
    listening: LocalStripe, shop: Receiver
) -> None:
    sign_of_trouble(listening, "out_of_order", share=1)
    sessions = [create() for _ in range(4)]
    for session in sessions:
        session.expire()
    told = [each.event["data"]["object"]["id"] for each in shop.wait_for(4)]
    first, second, third, fourth = (told.index(session.id) for session in sessions)
    assert second < first
    assert fourth < third


def test_comes_before_the_buyer(listening: LocalStripe, shop: Receiver) -> None:
    shop.seconds = 0.5
    listening.configure(redirect_wait=0)
    sign_of_trouble(listening, "before_redirect")
    listening.pay(create())
    assert len(shop.deliveries) == 1


def test_comes_after_the_buyer(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "after_redirect", seconds=0.5)
    listening.pay(create())
    assert shop.deliveries == []
    shop.wait_for(1)


def test_is_signed_by_somebody_else(listening: LocalStripe, shop: Receiver) -> None:
    shop.answers = [400]
    sign_of_trouble(listening, "wrong_secret")
    listening.configure(redirect_wait=0)
    listening.pay(create())
    first, second = shop.wait_for(2)
    assert (is_genuine(first), is_genuine(second)) == (False, False)
    [event] = listening.events(SESSION)
    listening.tell(f"events/{event['id']}/deliver")
    assert is_genuine(shop.deliveries[-1])


def test_only_so_many_of_a_type(listening: LocalStripe, shop: Receiver) -> None:
    sign_of_trouble(listening, "never", count=2, type="checkout.session.exp")
    listening.pay(create())
    for _ in range(3):
        create().expire()
    assert types(shop.wait_for(2)) == ["completed", "expired"]
    assert listening.http.get("/_sandbox/config").json()["event_faults"] == []


def test_the_same_seed_brings_the_same_faults(listening: LocalStripe) -> None:
    def faults(seed: int) -> list[object]:
        listening.tell("reset")
        listening.configure(
            webhook_url="http://127.0.0.1:9/",
            seed=seed,
            event_faults=[{"fault": "never", "share": 0.5}],
        )
        for _ in range(12):
            create().expire()
        return [each["fault"] for each in listening.events()]

    first, again, other = faults(1), faults(1), faults(2)
    assert first == again != other
    assert set(first) == {"never", None}


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"fault": "sulky"},
        {"fault": "late", "seconds": "5"},
        {"fault": "never", "seconds": 5},
        {"fault": "never", "share": 2},
        {"fault": "never", "count": 1.5},
        {"fault": "never", "type": 7},
        {"fault": "never", "colour": "red"},
    ],
)
def test_refuses_what_makes_no_sense(local_stripe: LocalStripe, fault: dict[str, Any]) -> None:
    assert local_stripe.tell("config", event_faults=[fault]).status_code == 400
