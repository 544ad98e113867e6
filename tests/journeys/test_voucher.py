"""A voucher: Pay here gives it to the buyer, who pays it days later or in another way."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.pay_here import EURO_ITEM, open_form, press_pay
from tests.support.shops import Shop

AWAITED = "We are waiting for your payment"


@pytest.fixture
def waiting(page: Page, shop: Shop) -> Page:
    """The receipt of one piece that was bought with a voucher."""
    page.goto(f"/item/{EURO_ITEM}")
    open_form(page).get_by_label("Multibanco").check()
    press_pay(page)
    expect(page.get_by_role("heading", name=AWAITED)).to_be_visible()
    return page


def test_a_voucher_outlives_the_hold_and_is_paid_on_stripes_page(waiting: Page, shop: Shop) -> None:
    receipt = waiting.url
    waiting.goto(f"/item/{EURO_ITEM}")
    waiting.get_by_role("button", name="Buy now", exact=True).click()
    expect(waiting.get_by_role("alert").get_by_text(AWAITED)).to_be_visible()
    shop.run_python(
        "from datetime import timedelta; from django.utils import timezone;"
        "from payments.reconcile import reconcile;"
        "list(reconcile(older_than=timedelta(0), at=timezone.now() + timedelta(hours=2)))"
    )
    waiting.locator(".own-hold").get_by_role("link", name="See that order").click()
    waiting.get_by_role("link", name="How to pay").click()
    waiting.get_by_role("button", name="Pay it").click()
    expect(waiting.get_by_text("The shop gets an event.")).to_be_visible()
    waiting.goto(receipt)
    expect(waiting.get_by_role("heading", name="Thank you for your order")).to_be_visible()


def test_a_poll_moves_the_focus_only_if_it_removes_the_focused_link(
    waiting: Page, shop: Shop
) -> None:
    expect(waiting.locator("#order-poll")).to_have_attribute("hx-get", re.compile("poll=2"))
    assert waiting.evaluate("document.activeElement === document.body")
    waiting.get_by_role("link", name="Check again").focus()
    shop.local_stripe.finish_delayed(shop.local_stripe.intents()[-1]["id"])
    expect(waiting.get_by_role("heading", name="Thank you for your order")).to_be_focused()


def test_pay_in_another_way_leads_back_to_buy(waiting: Page) -> None:
    waiting.get_by_role("button", name="Pay in another way").click()
    expect(waiting).to_have_url(re.compile(f"/item/{EURO_ITEM}$"))
    waiting.get_by_role("button", name="Buy now", exact=True).click()
    waiting.wait_for_url("**/c/pay/*")
