"""The Elements in a browser, on the page of a shop."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import stripe
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect

LOGGED_LEVELS = ("error", "warning")


@contextmanager
def quiet_page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if something is blocked or an error is thrown."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in LOGGED_LEVELS and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def visit(page: Page, shop_url: str, intent: stripe.PaymentIntent, **asked: str) -> FrameLocator:
    page.goto(f"{shop_url}/?{urlencode({'secret': intent.client_secret, **asked})}")
    return page.frame_locator("#element iframe")


def open_element(
    page: Page, shop_url: str, intent: stripe.PaymentIntent, **asked: str
) -> FrameLocator:
    frame = visit(page, shop_url, intent, **asked)
    expect(page.locator("#said")).to_have_text('"ready"')
    return frame


def type_card(frame: FrameLocator, number: str) -> None:
    frame.get_by_label("Card number").press_sequentially(number)
    frame.get_by_label("Expiration date").press_sequentially("1240")
    frame.get_by_label("Security code").press_sequentially("123")


def arrived(page: Page, shop_url: str) -> dict[str, list[str]]:
    page.wait_for_url(f"{shop_url}/done?*")
    return parse_qs(urlsplit(page.url).query)
