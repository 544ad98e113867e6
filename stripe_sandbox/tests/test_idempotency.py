from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from stripe_sandbox.http.idempotency import MAX_KEYS, IdempotencyStore
from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, line, tax_rate, taxed


@pytest.mark.usefixtures("local_stripe")
def test_repeats_the_first_answer() -> None:
    first, second = (create(idempotency_key="order-7") for _ in range(2))
    assert first.id == second.id
    assert second.last_response is not None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert first.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers


@pytest.mark.usefixtures("local_stripe")
def test_refuses_other_parameters() -> None:
    create(idempotency_key="order-7")
    with pytest.raises(stripe.IdempotencyError) as caught:
        create(idempotency_key="order-7", line_items=[line(unit_amount=500)])
    assert caught.value.http_status == 400
    assert "with the same parameters they were first used with" in str(caught.value)


@pytest.mark.usefixtures("local_stripe")
def test_refuses_another_endpoint() -> None:
    session = create(idempotency_key="order-7")
    with pytest.raises(stripe.IdempotencyError):
        session.expire(idempotency_key="order-7")


@pytest.mark.usefixtures("local_stripe")
def test_keys_belong_to_an_account() -> None:
    first = create(idempotency_key="order-7")
    second = create(idempotency_key="order-7", api_key="sk_test_other")
    assert first.id != second.id


@pytest.mark.usefixtures("local_stripe")
def test_forgets_a_call_that_was_refused() -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(idempotency_key="order-7", line_items=[line(unit_amount=1)])
    assert create(idempotency_key="order-7").status == "open"


@pytest.mark.usefixtures("local_stripe")
def test_keeps_the_refusal_of_a_coupon_and_of_a_tax_rate() -> None:
    archived = tax_rate(20)
    stripe.TaxRate.modify(archived, active=False)
    refused: list[dict[str, Any]] = [
        {"line_items": [taxed(archived)]},
        {"discounts": [{"coupon": "gone"}]},
    ]
    for number, params in enumerate(refused):
        key = f"order-{number}"
        messages = []
        for _ in range(2):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                create(idempotency_key=key, **params)
            messages.append(str(caught.value).partition(": ")[2])
        assert messages[0] == messages[1]
        with pytest.raises(stripe.IdempotencyError):
            create(idempotency_key=key)


@pytest.mark.usefixtures("local_stripe")
def test_refuses_a_key_of_256_characters() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="up to 255 characters"):
        create(idempotency_key="k" * 256)


def test_refuses_a_call_that_is_still_running(local_stripe: LocalStripe) -> None:
    local_stripe.configure(latency=0.5)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(create, idempotency_key="order-7") for _ in range(2)]
        problems = [call.exception() for call in calls]
    [conflict] = [problem for problem in problems if problem is not None]
    assert isinstance(conflict, stripe.APIError)
    assert conflict.http_status == 409
    assert "another in-progress request" in str(conflict)


def test_forgets_the_oldest_keys() -> None:
    store = IdempotencyStore()
    for number in range(MAX_KEYS):
        store.begin(str(number), path="/v1/refunds", form={}).answer = {"number": number}
    store.begin("one more", path="/v1/refunds", form={})
    assert not store.begin("0", path="/v1/refunds", form={}).is_over
    assert store.begin("2", path="/v1/refunds", form={}).result() == {"number": 2}
