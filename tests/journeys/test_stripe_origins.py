"""What Stripe's script, frames and windows may do on a page of the shop, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.pages import expect_paid_receipt
from tests.support.pay_here import open_form, press_pay
from tests.support.shops import Shop

# Load an address as the page of Stripe.js does; tell whether the browser allowed it.
LOAD = """([kind, address]) => new Promise((answer) => {
  document.addEventListener("securitypolicyviolation", () => answer("blocked"), { once: true });
  if (kind === "fetch") return fetch(address).then(() => answer("allowed"), () => {});
  const element = document.createElement(kind);
  element.addEventListener("load", () => answer("allowed"));
  element.src = address;
  document.body.append(element);
})"""


def answer_for_stripe(route: Route) -> None:
    """Answer in the place of the internet."""
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    kind = "text/javascript" if route.request.url.endswith(".js") else "text/html"
    route.fulfill(status=200, body="", content_type=kind, headers=headers)


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
    page.route("https://**", answer_for_stripe)
    page.goto("/item/1")
    assert page.evaluate(LOAD, [kind, address]) == "allowed"


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("script", "https://stripe.example/v3/stripe.js"),
        ("script", "https://hooks.stripe.com/part.js"),
        ("iframe", "https://stripe.example/elements.html"),
        ("fetch", "https://stripe.example/v1/payment_intents/pi_1"),
    ],
)
def test_other_origins_are_blocked(browser: Any, shop: Shop, kind: str, address: str) -> None:
    page = browser.new_page(base_url=shop.address)
    page.route("https://**", answer_for_stripe)
    page.goto("/item/1")
    assert page.evaluate(LOAD, [kind, address]) == "blocked"
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
