"""Country and shipping rate, chosen in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.items import SHIPPED_CURRENCY, add_shipping_rates
from tests.support.pages import put_in_cart
from tests.support.shops import Shop


@pytest.fixture
def item(shop: Shop, new_item: Callable[..., int]) -> int:
    add_shipping_rates(shop)
    return new_item(currency=SHIPPED_CURRENCY, price=100)


def expect_shipping(page: Page, amount: int) -> None:
    expect(page.locator("dd.shipping")).to_have_attribute("data-amount", str(amount))
    subtotal = int(page.locator("dd.subtotal").get_attribute("data-amount") or 0)
    taxes = [int(each.get_attribute("data-amount") or 0) for each in page.locator("dd.tax").all()]
    total = int(page.locator("dd.total").get_attribute("data-amount") or 0)
    assert subtotal + amount <= total <= subtotal + amount + sum(taxes)


def test_a_choice_is_sent_at_once_and_the_focus_stays(page: Page, shop: Shop, item: int) -> None:
    page.goto(f"/item/{item}")
    expect(page.locator("#item-total")).to_contain_text("shipping to Sweden (Parcel, 2–3 days).")
    put_in_cart(page, item)
    page.goto("/order")
    expect_shipping(page, 4900)
    country = page.get_by_label("Ship to")
    country.focus()
    country.select_option("Norway")
    expect_shipping(page, 4900)
    expect(page.get_by_role("radio")).to_have_count(0)
    country.select_option("Japan")
    expect_shipping(page, 29900)
    expect(country).to_be_focused()
    expect(page.locator("#announcement")).to_contain_text("Shipping to Japan: SEK299.00.")
    country.select_option("Sweden")
    expect_shipping(page, 4900)
    page.get_by_label("Parcel").focus()
    page.keyboard.press("ArrowDown")
    expect_shipping(page, 9900)
    expect(page.get_by_label("Express")).to_be_focused()
    page.goto(f"/item/{item}")
    expect(page.locator("#item-total")).to_contain_text("shipping to Sweden")


def test_a_choice_that_is_refused_is_undone_in_the_page(page: Page, shop: Shop, item: int) -> None:
    put_in_cart(page, item)
    page.goto("/order")
    page.get_by_label("Ship to").select_option("Norway")
    expect(page.get_by_role("radio")).to_have_count(0)
    page.get_by_label("Ship to").select_option("Sweden")
    shop.run_python(
        "from cart.models import ShippingRate;"
        "ShippingRate.objects.filter(name='International parcel').update(is_active=False)"
    )
    page.get_by_label("Ship to").select_option("Japan")
    message = page.locator(".shipping-form .message")
    expect(message).to_contain_text("The shop doesn’t ship to this country.")
    expect(page.get_by_label("Ship to")).to_have_value("SE")
    expect(page.get_by_label("Parcel")).to_be_checked()
    page.route("**/order/shipping", lambda route: route.abort())
    page.get_by_label("Express").click()
    expect(message).not_to_be_empty()
    expect(page.get_by_label("Parcel")).to_be_checked()
    expect_shipping(page, 4900)


def test_chooses_without_javascript(new_context: Callable[..., Any], item: int) -> None:
    page = new_context(java_script_enabled=False).new_page()
    put_in_cart(page, item)
    page.goto("/order")
    update = page.locator("#update-shipping-SEK")
    page.get_by_label("Express").check()
    update.click()
    expect_shipping(page, 9900)
    expect(page.get_by_label("Express")).to_be_checked()
    page.get_by_label("Ship to").select_option("Japan")
    update.click()
    expect_shipping(page, 29900)
    expect(page.get_by_label("Ship to")).to_have_value("JP")


def test_buy_stores_a_choice_that_was_not_sent(new_context: Callable[..., Any], item: int) -> None:
    page = new_context(java_script_enabled=False).new_page()
    put_in_cart(page, item)
    page.goto("/order")
    page.get_by_label("Ship to").select_option("Japan")
    page.get_by_role("button", name="Buy").click()
    message = page.locator("#buy-message-SEK")
    expect(message).to_contain_text("Shipping to Japan: SEK299.00.")
    expect(message).to_contain_text("Check it, then pay.")
    expect_shipping(page, 29900)
    page.get_by_role("button", name="Buy").click()
    expect(page.get_by_label("Country")).to_have_value("JP")
