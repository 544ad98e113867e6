"""payments.stripe_api.client: the deadline and the limit of concurrent calls."""

from contextlib import ExitStack
from typing import Any

import pytest
import requests
from django.conf import settings
from django.test import Client

from payments.models import Payment
from payments.stripe_api import checkout_sessions
from payments.stripe_api import client as stripe_client
from payments.stripe_api.accounts import account_for
from payments.stripe_api.client import DeadlineSession, TooManyCalls, deadline, seconds_left
from payments.stripe_api.errors import StripeUnavailable
from store.models import Item
from tests.support.answers import NOWHERE, error_of
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser


def test_a_hanging_call_ends_at_the_deadline(make_item: Any, local_stripe: LocalStripe) -> None:
    """The local Stripe answers after 5 seconds, and the deadline is long before."""
    item = make_item(stock=1)
    new_browser().get(f"/buy/{item.pk}")
    session_id = Payment.objects.get().stripe_id
    local_stripe.slow_down(5)
    with deadline(0.3), pytest.raises(StripeUnavailable):
        checkout_sessions.retrieve(account_for("USD"), session_id)
    local_stripe.slow_down(0)
    calls = local_stripe.requests("GET", f"/v1/checkout/sessions/{session_id}")
    assert len(calls) == 1  # no time was left for a retry


def test_no_call_begins_when_no_time_is_left() -> None:
    with deadline(0), pytest.raises(requests.RequestException, match="no time left"):
        DeadlineSession().request("GET", NOWHERE, timeout=(3, 10))


def test_an_inner_block_cannot_move_the_deadline_further_away() -> None:
    with deadline(1), deadline(60):
        assert seconds_left() <= 1
    with deadline(60), deadline(1):
        assert seconds_left() <= 1


def test_a_deadline_ends_with_its_block() -> None:
    with deadline(60):
        assert 0 < stripe_client.seconds_left() <= 60
    assert stripe_client.seconds_left() == float("inf")


def test_a_call_above_the_limit_of_concurrent_calls_is_503(
    client: Client, item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_client, "SLOT_SECONDS", 0)
    with ExitStack() as calls:
        for _ in range(settings.WORKER_THREADS // 2):
            calls.enter_context(stripe_client.call())
        with pytest.raises(TooManyCalls):
            calls.enter_context(stripe_client.call())
        assert error_of(client.get(f"/buy/{item.pk}"), 503) == "stripe_unavailable"
    assert client.get(f"/buy/{item.pk}").status_code == 200
