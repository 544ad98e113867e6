"""Sales while the clocks of Stripe and of this server differ: payments.stripe_api.clock."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from payments.models import Payment
from payments.stripe_api import clock
from store.models import Item
from tests.support.carts import add, add_tax
from tests.support.local_stripe import LocalStripe
from tests.support.presses import press_buy, session_of_cart

SESSIONS = "/v1/checkout/sessions"
A_DAY = 24 * 60 * 60


def statuses(local_stripe: LocalStripe) -> list[int]:
    return [each["status"] for each in local_stripe.requests("POST", SESSIONS)]


@pytest.mark.parametrize("stock", [1, None])
@pytest.mark.parametrize("ahead", [-240, -70, 70, 240])
def test_a_difference_of_minutes_does_not_matter(
    make_item: Any, local_stripe: LocalStripe, ahead: int, stock: int | None
) -> None:
    local_stripe.configure(clock_ahead=ahead)
    for _ in range(2):
        assert press_buy(make_item(stock=stock)).stripe_id
    assert statuses(local_stripe) == [200, 200]
    assert set(Payment.objects.values_list("clock_difference", flat=True)) == {0}


@pytest.mark.parametrize("stock", [1, None])
@pytest.mark.parametrize("ahead", [-A_DAY, -1200, 1200, A_DAY])
def test_a_large_difference_is_learned_from_the_first_answer(
    make_item: Any, local_stripe: LocalStripe, ahead: int, stock: int | None
) -> None:
    local_stripe.configure(clock_ahead=ahead)
    payments = [press_buy(make_item(stock=stock)) for _ in range(2)]
    assert all(payment.stripe_id for payment in payments)
    tries = statuses(local_stripe)
    assert tries[-1] == 200  # the second sale needs no second try
    assert tries.count(200) == 2
    minutes = 35 if stock else 24 * 60 - 5
    for payment in payments:
        left = payment.expires_at - timezone.now()
        assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)
    session = local_stripe.session(payments[-1].stripe_id)
    lifetime = session["expires_at"] - session["created"]
    assert minutes * 60 - 60 <= lifetime <= minutes * 60 + 5


def test_the_second_try_has_another_idempotency_key(item: Item, local_stripe: LocalStripe) -> None:
    local_stripe.configure(clock_ahead=A_DAY)
    press_buy(item)
    first, second = local_stripe.requests("POST", SESSIONS)
    assert first["headers"]["idempotency-key"] != second["headers"]["idempotency-key"]


def test_a_repeated_call_sends_the_same_time(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """Another process knows the difference to another second, or doesn't know it yet."""
    add_tax()
    add(client, item)
    local_stripe.configure(clock_ahead=1200)
    first = session_of_cart(client)
    for ahead in (None, 1203):
        clock.forget()
        if ahead:
            local_stripe.configure(clock_ahead=ahead)
        Payment.objects.update(stripe_id="")
        assert session_of_cart(client) == first


def test_the_difference_that_another_request_has_stored_stays(
    item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That request stores it while this one waits for Stripe's refusal."""

    def difference() -> timedelta:
        Payment.objects.update(clock_difference=A_DAY - 2)
        return timedelta(seconds=A_DAY)

    local_stripe.configure(clock_ahead=A_DAY)
    monkeypatch.setattr(clock, "difference", difference)
    payment = press_buy(item)
    assert (bool(payment.stripe_id), payment.clock_difference) == (True, A_DAY - 2)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "yesterday",
        "Sun, 29 Nov 2026 06:00:00 -0000",
        "Sun, 29 Nov 99999 06:00:00 GMT",
        "Sun, 29 Nov 99999999999999999999 06:00:00 GMT",
    ],
)
def test_an_answer_without_a_date_teaches_nothing(header: str | None) -> None:
    clock.forget()
    clock.learn(header, sent_at=0, answered_at=0)
    assert clock.difference() is None
    assert clock.seconds_to_add() == 0


def test_a_refusal_for_another_reason_is_not_tried_again(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    local_stripe.configure(clock_ahead=70)
    assert press_buy(make_item(price="0.10")).stripe_id == ""
    assert statuses(local_stripe) == [400]


def test_a_refused_time_without_a_difference_is_not_tried_again(
    item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.checkout.attempts.HOLD_OF_NOTHING_LIMITED", timedelta(minutes=20))
    monkeypatch.setattr(clock, "difference", lambda: timedelta(0))
    assert press_buy(item).stripe_id == ""
    assert statuses(local_stripe) == [400]
