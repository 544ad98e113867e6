"""Paying within the shop's page, in a real browser, through Stripe's Payment Element."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.items import stock_of
from tests.support.pages import (
    DECLINED_CARD,
    GOOD_CARD,
    SHOP,
    expect_paid_receipt,
    figures,
    pay,
)
from tests.support.pay_here import (
    EURO_ITEM,
    THREE_D_SECURE_CARD,
    cart_of,
    open_form,
    press_pay,
    section,
    type_card,
)
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

ARRIVES = "DE89 3704 0044 0532 0130 00"
FAILS = "DE62 3704 0044 0532 0130 01"


def test_pays_an_order_with_discount_and_taxes_after_a_decline_and_3d_secure(
    page: Page, shop: Shop
) -> None:
    cart_of(page, 1, 3, code="TEN")
    shown = figures(page, SHOP)
    assert len(shown) == 5  # subtotal, discount, exclusive tax, inclusive tax, total
    form = open_form(page)
    type_card(form, DECLINED_CARD)
    press_pay(page)
    expect(section(page).get_by_role("alert")).to_contain_text("declined")
    type_card(form, THREE_D_SECURE_CARD)
    press_pay(page)
    page.get_by_role("button", name=re.compile("Complete")).click()
    expect_paid_receipt(page, shop)
    assert figures(page, SHOP) == shown
    expect(page.locator("#cart-badge .count")).to_have_count(0)


def test_failed_3d_secure_leads_back_to_the_cart_to_pay_again(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    type_card(open_form(page), THREE_D_SECURE_CARD)
    press_pay(page)
    page.get_by_role("button", name=re.compile("Fail")).click()
    failed = page.get_by_text("The payment did not go through")
    expect(failed).to_be_visible()
    expect(page).to_have_url(f"{shop.address}/order")
    page.reload()
    expect(section(page)).to_be_visible()
    expect(failed).to_have_count(0)
    type_card(open_form(page), GOOD_CARD)
    press_pay(page)
    expect_paid_receipt(page, shop)


@pytest.mark.parametrize(
    ("iban", "heading"),
    [(ARRIVES, "Thank you for your order"), (FAILS, "This order was not paid")],
)
def test_delayed_payment_is_pending_and_then_succeeds_or_fails(
    page: Page, shop: Shop, new_item: Callable[..., int], iban: str, heading: str
) -> None:
    item = new_item(currency="EUR", stock=5)
    shop.local_stripe.configure(delayed_seconds=None)
    page.goto(f"/item/{item}")
    form = open_form(page)
    form.get_by_label(re.compile("SEPA")).check()
    form.get_by_label("IBAN", exact=True).fill(iban)
    press_pay(page)
    expect(page.get_by_role("heading", name="Your payment is on its way")).to_be_visible()
    assert stock_of(shop, item) == "4"
    shop.local_stripe.finish_delayed(shop.local_stripe.newest_debit())
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    if iban == FAILS:
        expect(page.get_by_text("nothing was charged")).to_be_visible()
    assert stock_of(shop, item) == ("4" if iban == ARRIVES else "5")


def test_pays_dollars_and_euros_with_the_keys_of_each_account(page: Page, shop: Shop) -> None:
    cart_of(page, 1, EURO_ITEM)
    for currency, account in (("USD", "minicart"), ("EUR", "minieuro")):
        with page.expect_response("**/order/intent") as asked:
            name = f"Pay here ({currency})" if currency == "USD" else "Pay here"
            page.get_by_role("button", name=name).click()
        assert asked.value.json()["publishable_key"] == f"pk_test_{account}"
        page.get_by_label("E-mail").locator("visible=true").fill("buyer@shop.example")
        type_card(page.locator("[data-pay]:visible").frame_locator("iframe"), GOOD_CARD)
        press_pay(page)
        expect_paid_receipt(page, shop)
        page.goto("/order")
    expect(page.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()


def test_paying_here_expires_an_open_checkout_session(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    session_id = page.url.rsplit("/", 1)[1].split("?")[0]
    page.goto("/order")
    type_card(open_form(page), GOOD_CARD)
    press_pay(page)
    expect_paid_receipt(page, shop)
    key = shop.local_stripe.key_of(session_id)
    assert shop.local_stripe.session(session_id, key)["status"] == "expired"


def test_paying_at_checkout_cancels_an_open_intent(
    new_context: Callable[..., Any], shop: Shop
) -> None:
    context = new_context()
    here, page = context.new_page(), context.new_page()
    cart_of(here, 1)
    with here.expect_response("**/order/intent") as asked:
        open_form(here)
    intent_id = asked.value.json()["client_secret"].split("_secret_")[0]
    page.goto("/order")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    pay(page)
    expect_paid_receipt(page, shop)
    assert shop.local_stripe.intent(intent_id)["status"] == "canceled"


def test_checkout_and_pay_here_in_two_tabs_make_one_payment(
    new_context: Callable[..., Any], shop: Shop
) -> None:
    context = new_context()
    here, checkout = context.new_page(), context.new_page()
    cart_of(here, 1)
    type_card(open_form(here), GOOD_CARD)
    checkout.goto("/order")
    checkout.get_by_role("button", name="Buy").click()
    checkout.wait_for_url("**/c/pay/*")
    press_pay(here)
    expect(section(here).get_by_role("alert")).to_contain_text("nothing was charged")
    pay(checkout)
    expect_paid_receipt(checkout, shop)
