"""What all tests share: one local Stripe, asked over HTTP by the real stripe library."""

import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import hypothesis
import pytest
from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from store.models import Item
from tests.support.browsers import launch
from tests.support.local_stripe import LocalStripe

# A busy machine is no mistake in the code.
hypothesis.settings.register_profile("minicart", deadline=None)
hypothesis.settings.load_profile("minicart")


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[LocalStripe]:
    from tests.settings import SANDBOX_PORT

    command = [sys.executable, "-m", "stripe_sandbox", "--port", str(SANDBOX_PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    local_stripe = LocalStripe(settings.STRIPE_API_BASE)
    for _ in range(100):
        try:
            local_stripe.reset()
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield local_stripe
    local_stripe.close()
    process.terminate()
    process.wait()


@pytest.fixture
def local_stripe(stripe_process: LocalStripe) -> LocalStripe:
    """The local Stripe, empty and well-behaved."""
    stripe_process.reset()
    return stripe_process


@pytest.fixture
def make_item(db: None) -> Any:
    def make(**values: Any) -> Item:
        defaults = {"name": "Mug", "description": "", "price": Decimal("19.99"), "currency": "USD"}
        return Item.objects.create(**(defaults | values))

    return make


@pytest.fixture
def item(make_item: Any) -> Item:
    made: Item = make_item(name="Stoneware mug", description="Holds 350 ml.")
    return made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
