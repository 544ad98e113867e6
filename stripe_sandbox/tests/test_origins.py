"""API, Stripe.js, frames and windows have different origins, so a narrow policy fails."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from stripe_sandbox.pages.origins import origins
from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create_intent
from stripe_sandbox.tests.support.shop_page import ShopPage

READ = "stripe.retrievePaymentIntent(new URLSearchParams(location.search).get('secret'))"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def visit(page: Page, shop: ShopPage) -> None:
    """Open the shop's page with a Payment Element."""
    page.goto(f"{shop.url}/?{urlencode({'secret': create_intent().client_secret})}")


def test_every_part_has_its_origin(page: Page, local_stripe: LocalStripe) -> None:
    known = origins(local_stripe.url)
    assert len(set(vars(known).values())) == 5
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    with ShopPage(local_stripe.url) as shop:
        visit(page, shop)
        expect(page.locator("#said")).to_have_text('"ready"')
        assert f"{known.script}/v3/" in requested
        assert page.frames[1].url.startswith(f"{known.frames}/v3/elements/payment")
        assert page.evaluate(READ)["paymentIntent"]["status"] == "requires_payment_method"
        assert any(each.startswith(f"{known.api}/v1/payment_intents/") for each in requested)


def test_the_frame_opens_a_window(page: Page, local_stripe: LocalStripe) -> None:
    with ShopPage(local_stripe.url) as shop:
        visit(page, shop)
        frame = page.frame_locator("#element iframe")
        with page.expect_popup() as opened:
            frame.get_by_role("button", name="Use a saved card").click()
        assert opened.value.url.startswith(origins(local_stripe.url).windows)
        opened.value.get_by_role("button", name="Use Visa 4242").click()
        expect(frame.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
        page.wait_for_function("changes.at(-1)?.complete")
        page.get_by_role("button", name="Pay").click()
        page.wait_for_url(f"{shop.url}/done?*redirect_status=succeeded")


def test_an_opener_policy_that_is_too_narrow_blocks_the_window(
    page: Page, local_stripe: LocalStripe
) -> None:
    with ShopPage(local_stripe.url, opener_policy="same-origin") as shop:
        visit(page, shop)
        frame = page.frame_locator("#element iframe")
        frame.get_by_role("button", name="Use a saved card").click()
        expect(frame.get_by_text("saved card can't be opened.")).to_be_visible()


def test_a_policy_without_stripes_subdomains_blocks_the_frame(
    page: Page, local_stripe: LocalStripe
) -> None:
    subdomains = origins(local_stripe.url).script.replace("//", "//*.")
    with (
        ShopPage(local_stripe.url, without=subdomains) as shop,
        page.expect_console_message(lambda message: "frame-src" in message.text),
    ):
        visit(page, shop)
    assert page.locator("#said").text_content() == ""


def test_a_policy_without_the_api_blocks_calls(page: Page, local_stripe: LocalStripe) -> None:
    with ShopPage(local_stripe.url, without=local_stripe.url) as shop:
        visit(page, shop)
        expect(page.locator("#said")).to_have_text('"ready"')
        with page.expect_console_message(lambda message: "connect-src" in message.text):
            answer = page.evaluate(READ)
        assert answer["error"]["type"] == "api_connection_error"
