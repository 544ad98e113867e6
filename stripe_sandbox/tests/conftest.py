"""Fixtures: a local Stripe in a process, the `stripe` library that calls it, a webhook receiver."""

import os
import sys
from collections.abc import Iterator

import pytest
import requests
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Receiver
from tests.support.processes import Program


@pytest.fixture(scope="session")
def running_stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    log = tmp_path_factory.mktemp("stripe") / "stripe.log"
    command = [sys.executable, "-m", "stripe_sandbox", "--port", "0"]
    with Program(command, os.environ, log) as program:
        program.wait_until(lambda: "\n" in program.printed())
        local_stripe = LocalStripe(program.printed().splitlines()[0].split()[-1])
        with local_stripe.http:
            yield local_stripe


@pytest.fixture(scope="session")
def http_client() -> Iterator[stripe.HTTPClient]:
    with requests.Session() as connections:
        yield stripe.RequestsClient(session=connections)


@pytest.fixture
def local_stripe(
    running_stripe: LocalStripe, http_client: stripe.HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> LocalStripe:
    """A local Stripe without objects or faults, which the `stripe` library calls."""
    monkeypatch.setattr(stripe, "api_base", running_stripe.url)
    monkeypatch.setattr(stripe, "api_key", "sk_test_main")
    monkeypatch.setattr(stripe, "default_http_client", http_client)
    monkeypatch.setattr(stripe, "max_network_retries", 0)
    monkeypatch.setattr(stripe, "enable_telemetry", False)
    running_stripe.tell("reset").raise_for_status()
    return running_stripe


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def listening(local_stripe: LocalStripe, shop: Receiver) -> LocalStripe:
    """A local Stripe that sends its events to `shop`."""
    local_stripe.configure(webhook_url=shop.url)
    return local_stripe
