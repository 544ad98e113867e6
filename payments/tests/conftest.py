"""Fixtures for the tests of payments."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments.models import Payment
from payments.stripe_api import clock
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid


@pytest.fixture
def swap_keys(settings: Any) -> Callable[[], None]:
    """A function that gives every account wrong keys and, called again, the right ones."""
    right = settings.STRIPE_ACCOUNTS
    wrong = [replace(account, secret_key="sk_test_another") for account in right]

    def swap() -> None:
        settings.STRIPE_ACCOUNTS = wrong if settings.STRIPE_ACCOUNTS is right else right

    return swap


@pytest.fixture
def payment(make_item: Any, local_stripe: LocalStripe) -> Payment:
    """A one-click order's payment that is paid and settled; its item has no more stock."""
    return paid(make_item(stock=1), local_stripe)


@pytest.fixture
def last_piece(make_item: Any) -> Item:
    made: Item = make_item(stock=1)
    return made


@pytest.fixture
def let_pass(
    local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> Callable[[timedelta], None]:
    """A function that puts the clocks of the shop and of Stripe forward."""
    real_now, ahead = timezone.now, timedelta(0)
    monkeypatch.setattr(timezone, "now", lambda: real_now() + ahead)
    # There is no difference to learn: the shop's clock is the one above.
    monkeypatch.setattr(clock, "learn", lambda *_args, **_kwargs: None)

    def let_pass(time: timedelta) -> None:
        nonlocal ahead
        ahead += time
        local_stripe.configure(clock_ahead=int(ahead.total_seconds()))

    return let_pass
