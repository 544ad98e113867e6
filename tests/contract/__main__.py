"""make contract: compares the local Stripe with Stripe, or with the recorded answers.

See docs/contract.md.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import sync_playwright

from project.development import sandbox_settings
from tests.contract import table
from tests.contract.answers import FILE, Expected
from tests.contract.api import STRIPE, Api
from tests.contract.check import Outcome, check
from tests.contract.keys import (
    LOCAL_KEYS,
    PUBLISHABLE_VARIABLE,
    SECRET_VARIABLE,
    Keys,
    keys_of_environment,
)
from tests.contract.labels import end_leftovers
from tests.contract.listening import forwarding, listening, webhook_secret
from tests.contract.scenarios import ALL
from tests.contract.shop import run_journeys, visible_browser
from tests.support.ports import free_port
from tests.support.processes import Program
from tests.support.shops import running_shop


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    keys = keys_of_environment(os.environ)
    if options.shop and keys and not keys.publishable:
        sys.exit(f"SHOP=1 needs {PUBLISHABLE_VARIABLE} too.")
    begun = time.monotonic()
    outcomes = _compare(options, keys)
    if options.shop:
        outcomes += _printed(_buy(options, keys))
    print(*table.details(outcomes), sep="\n")
    print(f"\n{table.summary(outcomes)} in {time.monotonic() - begun:.0f} seconds")
    return 0 if all(each.is_fine for each in outcomes) else 1


def _compare(options: argparse.Namespace, keys: Keys | None) -> list[Outcome]:
    with ExitStack() as stack:
        address = options.local or stack.enter_context(local_stripe())
        local = stack.enter_context(Api(address, LOCAL_KEYS))
        stripe = stack.enter_context(Api(options.stripe, keys)) if keys else None
        if stripe is not None:
            _prepare(stripe)
        expected = Expected.read(options.answers)
        print(_introduction(stripe, expected, options.answers))
        listened = listening(stripe or local, is_local=stripe is None)
        listener = stack.enter_context(listened) if options.listen else None
        scenarios = [each for each in ALL if options.only in each.name]
        outcomes = _printed(check(scenarios, local=local, stripe=stripe, expected=expected))
        if stripe is not None:
            expected.write(options.answers)
        if listener is not None:
            events = [event for outcome in outcomes for event in outcome.events]
            outcomes += _printed([listener.outcome(events)])
    return outcomes


def _printed(found: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes, each printed as soon as it is known."""
    outcomes = []
    for outcome in found:
        print(table.row(outcome), flush=True)
        outcomes.append(outcome)
    return outcomes


def _buy(options: argparse.Namespace, keys: Keys | None) -> Iterator[Outcome]:
    """Buy in a shop of this machine, with the account of these keys or with the local Stripe."""
    is_listening = keys is not None and options.listen
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="minicart-contract-"))
        secret = webhook_secret(keys.secret) if keys and is_listening else "whsec_none"
        environment = _shop_settings(options.stripe, keys, secret) if keys else {}
        shop = stack.enter_context(running_shop(Path(folder), **environment))
        if keys and is_listening:
            stack.enter_context(forwarding(keys.secret, f"{shop.address}/stripe/webhook"))
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(visible_browser(playwright, is_headless=options.headless))
        is_local = keys is None or options.stripe != STRIPE
        yield from run_journeys(shop, browser, is_local=is_local, only=options.only)


def _shop_settings(address: str, keys: Keys, webhook_secret: str) -> dict[str, str]:
    own = {
        "STRIPE_SECRET_KEY": keys.secret,
        "STRIPE_PUBLISHABLE_KEY": keys.publishable,
        "STRIPE_WEBHOOK_SECRET": webhook_secret,
        "STRIPE_CURRENCIES": "USD,EUR",
    }
    if address == STRIPE:
        return own
    local = sandbox_settings(address)
    return own | {name: local[name] for name in ("STRIPE_API_BASE", "STRIPE_JS_URL")}


def _prepare(stripe: Api) -> None:
    """End what an interrupted run has left. Exits if Stripe refuses the key."""
    answer = stripe.call("GET", "/v1/coupons", {"limit": 1})
    if answer.status != 200:
        sys.exit(f"{stripe.address}: {answer.body['error']['message']}")
    for name in end_leftovers(stripe):
        print(f"an earlier run has left {name}, which could not be ended")


def _introduction(stripe: Api | None, expected: Expected, file: Path) -> str:
    if stripe is not None:
        return f"The local Stripe and {stripe.address}; the answers go to {file.name}.\n"
    sources = ", ".join(f"{count} from {source}" for source, count in expected.sources().items())
    return (
        f"The local Stripe and the answers in {file.name}: {sources}.\n"
        f"Set {SECRET_VARIABLE} to ask Stripe itself (docs/contract.md).\n"
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--only", default="", help="those with this text in their names")
    parser.add_argument("--shop", action="store_true", help="also buy in a shop, in a browser")
    parser.add_argument("--headless", action="store_true", help="without the browser's window")
    parser.add_argument("--listen", action="store_true", help="also receive the events")
    parser.add_argument("--local", help="the address of a local Stripe that runs already")
    parser.add_argument("--stripe", default=STRIPE, help="another local Stripe, for tests")
    parser.add_argument("--answers", type=Path, default=FILE, help="the file of the answers")
    options = parser.parse_args(arguments)
    if options.stripe != STRIPE and urlsplit(options.stripe).hostname != "127.0.0.1":
        parser.error("A key is sent to api.stripe.com or to this machine only.")
    return options


@contextmanager
def local_stripe() -> Iterator[str]:
    """The address of a new local Stripe."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "stripe_sandbox", "--port", str(port)]
    ready = f"{address}/_sandbox/config"
    with (
        tempfile.TemporaryDirectory(prefix="minicart-contract-") as folder,
        Program(command, os.environ, Path(folder) / "stripe.log", ready=ready),
    ):
        yield address


if __name__ == "__main__":
    settings.configure()  # tests.support.words asks Django for the active language
    sys.exit(main())
