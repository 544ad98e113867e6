import time
from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Delivery, Receiver
from stripe_sandbox.tests.support.sessions import create

SESSION = "checkout.session."


def set_event_fault(local_stripe: LocalStripe, fault: str, **more: Any) -> None:
    """Give the next event of a session this fault, because a payment has other events too."""
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
    set_event_fault(listening, "late", seconds=0.6)
    begun = time.monotonic()
    create().expire()
    shop.wait_for(1)
    assert time.monotonic() - begun > 0.5


def test_never_comes(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "never")
    session = create()
    begun = time.monotonic()
    assert listening.pay(session).status_code == 303
    assert time.monotonic() - begun < 8  # the buyer doesn't wait for `redirect_wait`
    time.sleep(0.8)
    assert shop.deliveries == []
    [event] = listening.events(SESSION)
    assert (event["fault"], event["attempts"]) == ("never", [])
    assert stripe.Event.list(delivery_success=False, type=f"{SESSION}*").data[0].id == event["id"]


def test_comes_twice(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "duplicate")
    listening.pay(create())
    first, second = shop.wait_for(2)
    assert first.event["id"] == second.event["id"]
    assert len(stripe.Event.list(type=f"{SESSION}*").data) == 1


def test_comes_as_two_events(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "duplicate_id")
    listening.pay(create())
    first, second = shop.wait_for(2)
    assert first.event["id"] != second.event["id"]
    assert first.event["data"] == second.event["data"]
    assert {each.id for each in stripe.Event.list(type=f"{SESSION}*").data} == {
        first.event["id"],
        second.event["id"],
    }


def test_comes_after_the_next(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "out_of_order", type="checkout.session.completed")
    listening.configure(redirect_wait=0)
    listening.pay(create())
    create().expire()
    assert types(shop.wait_for(2)) == ["expired", "completed"]


def test_held_event_is_delivered_without_a_next_one(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "out_of_order", seconds=0.5)
    held = create().expire()
    create(api_key="sk_test_other").expire()  # an event of another account doesn't overtake it
    _, last = shop.wait_for(2)
    assert last.event["data"]["object"]["id"] == held.id


def test_every_other_event_is_overtaken(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "out_of_order", share=1)
    sessions = [create() for _ in range(4)]
    for session in sessions:
        session.expire()
    delivered = [each.event["data"]["object"]["id"] for each in shop.wait_for(4)]
    first, second, third, fourth = (delivered.index(session.id) for session in sessions)
    assert second < first
    assert fourth < third


def test_comes_before_the_buyer(listening: LocalStripe, shop: Receiver) -> None:
    shop.seconds = 0.5
    listening.configure(redirect_wait=0)
    set_event_fault(listening, "before_redirect")
    listening.pay(create())
    assert len(shop.deliveries) == 1


def test_comes_after_the_buyer(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "after_redirect", seconds=2)
    listening.pay(create())
    assert shop.deliveries == []
    shop.wait_for(1)


def test_is_signed_with_a_wrong_secret(listening: LocalStripe, shop: Receiver) -> None:
    shop.answers = [400]
    set_event_fault(listening, "wrong_secret")
    listening.configure(redirect_wait=0)
    listening.pay(create())
    first, second = shop.wait_for(2)
    assert (is_genuine(first), is_genuine(second)) == (False, False)
    [event] = listening.events(SESSION)
    listening.tell(f"events/{event['id']}/deliver")
    assert is_genuine(shop.deliveries[-1])


def test_limits_a_fault_by_count_and_type(listening: LocalStripe, shop: Receiver) -> None:
    set_event_fault(listening, "never", count=2, type="checkout.session.exp")
    listening.pay(create())
    for _ in range(3):
        create().expire()
    assert types(shop.wait_for(2)) == ["completed", "expired"]
    assert listening.http.get("/_sandbox/config").json()["event_faults"] == []


def test_same_seed_gives_the_same_faults(listening: LocalStripe) -> None:
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
def test_refuses_an_invalid_fault(local_stripe: LocalStripe, fault: dict[str, Any]) -> None:
    assert local_stripe.tell("config", event_faults=[fault]).status_code == 400
