"""A buyer waits for Stripe only so long, and half of the server never waits for it."""

import time
from typing import Any

import pytest
import requests
from django.test import Client

from payments.models import Payment
from payments.stripe_api import checkout_sessions
from payments.stripe_api import client as stripe_client
from payments.stripe_api.accounts import account_for
from payments.stripe_api.client import DeadlineSession, deadline
from payments.stripe_api.errors import StripeUnavailable
from store.models import Item
from tests.support.answers import error_of
from tests.support.local_stripe import LocalStripe


def test_a_hanging_stripe_is_given_up_within_the_patience_of_the_request(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The local Stripe answers after 5 seconds only; the call is cut long before."""
    item = make_item(stock=1)
    Client().get(f"/buy/{item.pk}")
    session_id = Payment.objects.get().stripe_id
    local_stripe.slow_down(5)
    with deadline(0.3), pytest.raises(StripeUnavailable):
        checkout_sessions.retrieve(account_for("USD"), session_id)
    local_stripe.slow_down(0)
    calls = local_stripe.requests("GET", f"/v1/checkout/sessions/{session_id}")
    assert len(calls) == 1  # no time was left for another try


def test_no_call_begins_when_no_time_is_left() -> None:
    with deadline(0), pytest.raises(requests.RequestException, match="no time left"):
        DeadlineSession().request("GET", "http://127.0.0.1:9", timeout=(3, 10))


def test_patience_ends_with_its_request() -> None:
    with deadline(60):
        assert stripe_client._deadline.get() < time.monotonic() + 61
    assert stripe_client._deadline.get() == float("inf")


def test_when_as_many_wait_as_may_the_next_is_told_at_once(
    client: Client, item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_client, "SLOT_SECONDS", 0)
    taken = 0
    while stripe_client._slots.acquire(blocking=False):
        taken += 1
    try:
        assert taken == 32
        assert error_of(client.get(f"/buy/{item.pk}"), 503) == "stripe_unavailable"
    finally:
        stripe_client._slots.release(taken)
    assert client.get(f"/buy/{item.pk}").status_code == 200
