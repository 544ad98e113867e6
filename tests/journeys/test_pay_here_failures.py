"""What the buyer sees when "Pay here" can't start or go on, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support import network
from tests.support.pay_here import open_form, press_pay, section
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

# What Stripe.js does with a wrong key, or after its connection was lost.
REFUSE = '() => { throw new Error("Stripe.js refuses.") }'
BROKEN_STRIPE = {
    "Stripe": REFUSE,
    "create": f"() => ({{ elements: () => ({{ create: {REFUSE} }}) }})",
}
FAILING_SUBMIT = """() => ({ elements: () => ({
    create: () => ({ on() {}, mount() {}, destroy() {} }),
    submit: () => Promise.reject(new Error("The connection was lost.")),
}) })"""


@pytest.mark.parametrize("broken", BROKEN_STRIPE)
def test_a_refusal_by_stripe_js_ends_the_attempt(page: Page, shop: Shop, broken: str) -> None:
    page.goto("/item/1")
    page.evaluate(f"void (window.Stripe = {BROKEN_STRIPE[broken]})")
    button = section(page).get_by_role("button", name="Pay here")
    with page.expect_response("**/cancel"), page.expect_response("**/buy/1/intent") as opened:
        button.click()
    expect(section(page).get_by_role("alert").first).to_contain_text("nothing was charged")
    intent_id = opened.value.json()["client_secret"].split("_secret_")[0]
    assert shop.local_stripe.intent(intent_id)["status"] == "canceled"
    page.evaluate("delete window.Stripe")
    open_form(page)


def test_a_failure_while_the_form_is_checked_is_shown(page: Page) -> None:
    page.goto("/item/1")
    page.evaluate(f"void (window.Stripe = {FAILING_SUBMIT})")
    open_form(page)
    for _ in range(2):
        press_pay(page)
        expect(section(page).get_by_role("alert")).to_have_text("The connection was lost.")
        expect(page.get_by_role("button", name=re.compile(r"^Pay \$"))).to_be_visible()
        page.evaluate("clearPaymentMessages(document.body)")


def test_another_amount_of_the_attempt_ends_it_before_the_page_is_refreshed(
    page: Page, new_item: Callable[..., int]
) -> None:
    def other_amount(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"amount": 1})

    page.goto(f"/item/{new_item(stock=5)}")
    page.route("**/buy/*/intent", other_amount)
    network.delay(page, 300, "**/order/*/cancel")
    section(page).get_by_role("button", name="Pay here").click()
    expect(section(page).get_by_role("alert").first).to_contain_text("The amount has changed")
    expect(page.locator(".own-hold")).to_have_count(0)
