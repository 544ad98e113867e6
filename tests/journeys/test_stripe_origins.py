"""What Stripe's script, frames and windows may do on a page of the shop, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browsers import new_context
from tests.support.pages import expect_paid_receipt
from tests.support.pay_here import open_form, press_pay
from tests.support.shops import Shop

# Load an address as Stripe.js does in the page.
LOAD = """([kind, address]) => {
  if (kind === "fetch") return void fetch(address).then((answer) => answer.text()).catch(() => {});
  const element = document.createElement(kind);
  element.src = address;
  document.body.append(element);
}"""


def answer_for_stripe(page: Page) -> None:
    """Answer in the place of the internet."""
    headers = {"Access-Control-Allow-Origin": "*"}

    def answer(route: Route) -> None:
        kind = "text/javascript" if route.request.url.endswith(".js") else "text/html"
        route.fulfill(status=200, body="", content_type=kind, headers=headers)

    page.route(re.compile("^https:"), answer)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("script", "https://js.stripe.com/v3/stripe.js"),
        ("script", "https://b.js.stripe.com/v3/part.js"),
        ("iframe", "https://js.stripe.com/v3/controller.html"),
        ("iframe", "https://b.js.stripe.com/v3/elements.html"),
        ("iframe", "https://hooks.stripe.com/3d_secure.html"),
        ("iframe", "https://link.com/login.html"),
        ("iframe", "https://checkout.link.com/login.html"),
        ("fetch", "https://api.stripe.com/v1/payment_intents/pi_1"),
    ],
)
def test_stripes_origins_are_allowed(page: Page, kind: str, address: str) -> None:
    answer_for_stripe(page)
    page.goto("/item/1")
    with page.expect_event("requestfinished", lambda request: request.url == address):
        page.evaluate(LOAD, [kind, address])


@pytest.mark.parametrize(
    ("kind", "address", "directive"),
    [
        ("script", "https://stripe.example/v3/stripe.js", "script-src"),
        ("script", "https://hooks.stripe.com/part.js", "script-src"),
        ("iframe", "https://stripe.example/elements.html", "frame-src"),
        ("fetch", "https://stripe.example/v1/payment_intents/pi_1", "connect-src"),
    ],
)
def test_other_origins_are_blocked(
    browser: Browser, shop: Shop, kind: str, address: str, directive: str
) -> None:
    page = new_context(browser, shop.address).new_page()
    answer_for_stripe(page)
    page.goto("/item/1")
    with page.expect_console_message(lambda message: directive in message.text):
        page.evaluate(LOAD, [kind, address])
    page.context.close()


def test_a_window_that_the_form_opens_can_answer_it(
    page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    page.goto(f"/item/{new_item(name='Windowed mug')}")
    form = open_form(page)
    with page.expect_popup() as opened:
        form.get_by_role("button", name="Use a saved card").click()
    opened.value.get_by_role("button", name="Use Visa 4242").click()
    expect(form.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    press_pay(page)
    expect_paid_receipt(page, shop)
