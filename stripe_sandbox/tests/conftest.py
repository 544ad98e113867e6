"""A local Stripe in its own process, the real `stripe` library pointed at it, and a shop's ear."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests
import stripe

from stripe_sandbox.tests.receiver import Receiver

ROOT = Path(__file__).parents[2]


class LocalStripe:
    """The control address, from outside."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=15)

    def tell(self, path: str, **wanted: object) -> httpx.Response:
        return self.http.post(f"/_sandbox/{path}", json=wanted)

    def configure(self, **wanted: object) -> None:
        self.tell("config", **wanted).raise_for_status()

    def requests(self) -> list[dict[str, object]]:
        return list(self.http.get("/_sandbox/requests").json()["requests"])

    def events(self, about: str = "") -> list[dict[str, object]]:
        events = self.http.get("/_sandbox/events").json()["events"]
        return [event for event in events if event["type"].startswith(about)]

    def pay(self, session: stripe.checkout.Session, **typed: str) -> httpx.Response:
        form = {"email": "buyer@example.com", "card": "4242 4242 4242 4242"} | typed
        return self.http.post(str(session.url), data=form)


@pytest.fixture(scope="session")
def running_stripe() -> Iterator[LocalStripe]:
    command = [sys.executable, "-m", "stripe_sandbox", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        local_stripe = LocalStripe(process.stdout.readline().split()[-1])
        with local_stripe.http:
            yield local_stripe
        process.terminate()


@pytest.fixture(scope="session")
def http_client() -> Iterator[stripe.HTTPClient]:
    with requests.Session() as connections:
        yield stripe.RequestsClient(session=connections)


@pytest.fixture
def local_stripe(
    running_stripe: LocalStripe, http_client: stripe.HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> LocalStripe:
    """Empty and well-behaved, with the library pointed at it."""
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
    """A local Stripe that tells `shop` what happens."""
    local_stripe.configure(webhook_url=shop.url)
    return local_stripe
