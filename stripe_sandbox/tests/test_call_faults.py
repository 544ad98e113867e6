import time
from typing import Any

import httpx
import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create
from stripe_sandbox.tests.support.waiting import wait_until


def fail(local_stripe: LocalStripe, **fault: Any) -> None:
    local_stripe.configure(faults=[fault])


def sessions(local_stripe: LocalStripe) -> list[dict[str, Any]]:
    return list(local_stripe.http.get("/_sandbox/sessions").json()["sessions"])


def test_sends_retry_after(local_stripe: LocalStripe) -> None:
    fail(local_stripe, status=429, retry_after=7)
    with pytest.raises(stripe.RateLimitError) as caught:
        create()
    assert caught.value.headers is not None
    assert caught.value.headers["Retry-After"] == "7"


def test_fails_before_it_acts_by_default(local_stripe: LocalStripe) -> None:
    fail(local_stripe, status=500)
    with pytest.raises(stripe.APIError):
        create(idempotency_key="order-7")
    assert sessions(local_stripe) == []
    assert create(idempotency_key="order-7").status == "open"


def test_keeps_a_failure_after_the_call_acted(local_stripe: LocalStripe) -> None:
    fail(local_stripe, status=500, effect="after")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            create(idempotency_key="order-7")
        assert caught.value.http_status == 500
    assert caught.value.headers is not None
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert len(sessions(local_stripe)) == 1
    assert [each["status"] for each in local_stripe.requests()] == [500, 500]
    assert stripe.checkout.Session.list().data[0].id == sessions(local_stripe)[0]["id"]


def test_refused_call_does_not_fail_after_it_acted(local_stripe: LocalStripe) -> None:
    fail(local_stripe, status=500, effect="after")
    with pytest.raises(stripe.InvalidRequestError):
        create(success_url="")
    assert create().status == "open"


def test_is_slow_once(local_stripe: LocalStripe) -> None:
    fail(local_stripe, latency=0.5)
    create(), create()
    slow, fast = (float(str(each["seconds"])) for each in local_stripe.requests())
    assert fast < 0.4 < slow


def test_drops_a_call_whose_client_has_gone(local_stripe: LocalStripe) -> None:
    local_stripe.configure(latency=0.5, faults=[{"drop": "after"}])
    key, timeout = {"Authorization": "Bearer sk_test_main"}, httpx.Timeout(30, read=0.1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{local_stripe.url}/v1/events", headers=key, timeout=timeout, trust_env=False)
    wait_until(lambda: any(each["seconds"] is not None for each in local_stripe.requests()))
    [request] = local_stripe.requests()
    assert request["status"] is None


def test_same_seed_fails_the_same_calls(local_stripe: LocalStripe) -> None:
    def statuses(seed: int) -> list[object]:
        local_stripe.tell("reset")
        local_stripe.configure(seed=seed, faults=[{"status": 500, "share": 0.33}])
        for _ in range(30):
            try:
                stripe.Event.list()
            except stripe.APIError:
                continue
        return [each["status"] for each in local_stripe.requests()]

    first, again, other = statuses(1), statuses(1), statuses(2)
    assert first == again != other
    assert 3 < first.count(500) < 20


def test_fails_a_share_of_calls_count_times(local_stripe: LocalStripe) -> None:
    fail(local_stripe, status=500, share=1, count=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create()
    assert create().status == "open"


def test_outage_answers_500(local_stripe: LocalStripe) -> None:
    local_stripe.configure(outage="500", faults=[{"status": 429}])
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            create()
        assert caught.value.http_status == 500
    assert sessions(local_stripe) == []
    local_stripe.configure(outage=None, faults=[])
    assert create().status == "open"


def test_outage_hangs(local_stripe: LocalStripe) -> None:
    local_stripe.configure(outage="hang", outage_seconds=0.5)
    begun = time.monotonic()
    with pytest.raises(stripe.APIError) as caught:
        create()
    assert caught.value.http_status == 503
    assert time.monotonic() - begun > 0.4


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"status": "500"},
        {"status": 500, "latency": 1},
        {"latency": "slow"},
        {"latency": 1, "effect": "after"},
        {"drop": "sometimes"},
        {"drop": "before", "retry_after": 1},
        {"status": 500, "share": "some"},
        {"status": 500, "path": 7},
        {"status": 500, "method": 7},
        {"status": 429, "retry_after": "soon"},
    ],
)
def test_refuses_an_invalid_fault(local_stripe: LocalStripe, fault: dict[str, Any]) -> None:
    assert local_stripe.tell("config", faults=[fault]).status_code == 400


@pytest.mark.parametrize(
    "wanted", [{"outage": "today"}, {"refunds": "never"}, {"seed": True}, {"seed": "1"}]
)
def test_refuses_an_invalid_configuration(
    local_stripe: LocalStripe, wanted: dict[str, Any]
) -> None:
    assert local_stripe.tell("config", **wanted).status_code == 400


def test_shows_only_the_newest(local_stripe: LocalStripe) -> None:
    create(), create().expire(), create().expire()
    assert len(local_stripe.http.get("/_sandbox/requests?last=2").json()["requests"]) == 2
    [event] = local_stripe.http.get("/_sandbox/events?last=1").json()["events"]
    assert event["object_id"] == sessions(local_stripe)[-1]["id"]
