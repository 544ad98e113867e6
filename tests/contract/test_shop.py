"""`make contract SHOP=1`: the journeys run against the local Stripe, and see violations."""

import os
import re
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.contract.__main__ import _options, main
from tests.contract.shop import JOURNEYS, Visitor, run_journeys
from tests.support import pay_here
from tests.support.processes import run
from tests.support.shops import Shop
from tests.support.waiting import wait_until

PAY_HERE = "Shop: Pay here, in the shop's page"
BUY_NOW = "Shop: an item on Stripe's page"


def test_all_journeys_pass_without_a_violation(shop: Shop, browser: Browser) -> None:
    assert len(JOURNEYS) == 6  # five of the shop, and Pay here
    outcomes = list(run_journeys(shop, browser, is_local=True))
    assert [outcome.scenario for outcome in outcomes] == list(JOURNEYS)
    assert [failure for outcome in outcomes for failure in outcome.failures] == []


# A page with two policies obeys both.
NARROW = """(policy) => {
  const meta = document.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = policy;
  document.head.append(meta);
}"""


def pay_here_with(policy: str) -> Callable[[Visitor], None]:
    """Press Pay here in a page with this policy too, and wait for the first violation."""

    def journey(visitor: Visitor) -> None:
        page = visitor.page
        pay_here.cart_of(page, 1)
        page.evaluate(NARROW, policy)
        pay_here.section(page).get_by_role("button", name=re.compile("^Pay here")).click()

        def is_violated() -> bool:
            page.wait_for_timeout(50)
            return bool(visitor.violations)

        wait_until(is_violated)

    return journey


@pytest.mark.parametrize("directive", ["frame-src", "script-src"])
def test_a_violation_of_the_policy_fails_a_journey(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch, directive: str
) -> None:
    journeys = {PAY_HERE: pay_here_with(f"{directive} 'self'")}
    monkeypatch.setattr("tests.contract.shop.JOURNEYS", journeys)
    (outcome,) = run_journeys(shop, browser, is_local=True)
    assert outcome.verdict == "failed"
    (failure,) = outcome.failures
    assert failure.startswith(f"the shop's policy blocks {directive}")


def test_a_journey_that_does_not_end_well_is_named(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_for_money(visitor: Visitor) -> None:
        assert visitor.violations, "there is no money"

    monkeypatch.setattr("tests.contract.shop.JOURNEYS", {PAY_HERE: look_for_money})
    (outcome,) = run_journeys(shop, browser, is_local=True)
    assert outcome.failures == ["there is no money"]


def test_the_command_buys_in_a_browser_too() -> None:
    command = [sys.executable, "-m", "tests.contract", "--shop", "--headless"]
    own = re.compile("STRIPE|DJANGO")  # variables that `make contract` doesn't have
    environment = {name: value for name, value in os.environ.items() if not own.search(name)}
    done = run([*command, "--only", BUY_NOW], environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{BUY_NOW:<64} same\n" in done.stdout
    assert "\n1 same in " in done.stdout


def test_asks_a_person_to_fill_in_a_form_of_stripe(
    browser: Browser, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.contract.shop.SECONDS_FOR_FORM", 0.1)
    page = browser.new_page()
    visitor = Visitor(page, is_local=False)
    visitor.fill_in(lambda: page.get_by_label("Card number").fill("4242"), "pay with 4242.")
    assert "If nothing happens in the browser: pay with 4242." in capsys.readouterr().out
    page.close()


def test_asks_for_the_publishable_key_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_CONTRACT_KEY", "sk_test_123")
    monkeypatch.delenv("STRIPE_CONTRACT_PUBLISHABLE_KEY", raising=False)
    with pytest.raises(SystemExit, match="STRIPE_CONTRACT_PUBLISHABLE_KEY"):
        main(["--shop"])


def test_the_browser_has_a_window_unless_it_is_headless() -> None:
    assert not _options(["--shop"]).headless
