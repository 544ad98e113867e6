"""A bank debit fails days later, when the buyer has begun another cart."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import put_in_cart
from tests.support.pay_here import EURO_ITEM, cart_of, open_form, press_pay
from tests.support.shops import Shop

OTHER_EURO_ITEM = 5
FAILS = "DE62 3704 0044 0532 0130 01"


@pytest.fixture
def paying(page: Page, shop: Shop) -> Page:
    """A page that waits for the debit of a cart with one towel."""
    shop.local_stripe.configure(delayed_seconds=None)
    cart_of(page, EURO_ITEM)
    form = open_form(page)
    form.get_by_label(re.compile("SEPA")).check()
    form.get_by_label("IBAN", exact=True).fill(FAILS)
    press_pay(page)
    expect(page.get_by_role("heading", name="Your payment is on its way")).to_be_visible()
    return page


def fail_the_debit(shop: Shop) -> None:
    shop.local_stripe.finish_delayed(shop.local_stripe.newest_debit())


@pytest.mark.parametrize("others", [[OTHER_EURO_ITEM], [EURO_ITEM], [1], []])
def test_the_receipt_leads_to_the_cart_with_both_contents(
    paying: Page, shop: Shop, others: list[int]
) -> None:
    """The other cart has another item, the same item, another currency, or doesn't exist."""
    shopping = paying.context.new_page()
    for item in others:
        put_in_cart(shopping, item)
    fail_the_debit(shop)
    expect(paying.get_by_role("heading", name="This order was not paid")).to_be_visible()
    paying.get_by_role("link", name="To the cart").click()
    quantities = {"Striped linen tea towel": 2 if others == [EURO_ITEM] else 1}
    quantities |= {"Beech dish brush": 1} if others == [OTHER_EURO_ITEM] else {}
    quantities |= {"Speckled stoneware mug": 1} if others == [1] else {}
    expect(paying.locator(".cart-line")).to_have_count(len(quantities))
    for name, quantity in quantities.items():
        expect(paying.get_by_label(f"Quantity: {name}")).to_have_value(str(quantity))
    paying.get_by_role("button", name=re.compile(r"^Buy( \(EUR\))?$")).click()
    paying.wait_for_url("**/c/pay/*")


def test_another_browser_is_not_led_to_a_cart(paying: Page, shop: Shop) -> None:
    """The receipt's address may be shared; the cart belongs to the buyer's browser."""
    fail_the_debit(shop)
    expect(paying.get_by_role("link", name="To the cart")).to_be_visible()
    paying.context.clear_cookies()
    paying.reload()
    expect(paying.get_by_role("heading", name="This order was not paid")).to_be_visible()
    expect(paying.get_by_role("link", name="To the cart")).to_have_count(0)
