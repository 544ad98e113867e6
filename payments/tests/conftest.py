"""Fixtures for the tests of payments."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from payments.models import Payment
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
