"""The shop in a browser without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.items import change_item
from tests.support.pages import STRIPE, code_field, figures
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


def open_cart(page: Page, item: int = 1) -> None:
    page.goto(f"/item/{item}")
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url("**/order")


def press(page: Page, name: str | re.Pattern[str]) -> int:
    """Press a button; return the status of the page that follows."""
    with page.expect_navigation() as followed:
        page.get_by_role("button", name=name).click()
    return int(followed.value.status) if followed.value else 0


def expect_at_stripe(page: Page, total: str | None) -> None:
    page.wait_for_url("**/c/pay/*")
    assert figures(page, STRIPE)[-1] == total


def total_of(page: Page) -> str | None:
    return page.locator("dd.total").get_attribute("data-amount")


def test_a_phone_says_what_the_number_beside_the_price_is(plain_page: Page) -> None:
    plain_page.set_viewport_size({"width": 360, "height": 740})
    plain_page.goto("/item/1")
    label = plain_page.locator(".add noscript").bounding_box()
    assert label
    assert label["width"] > 30
    expect(plain_page.get_by_label("Quantity")).to_have_value("1")


def test_buy_opens_stripes_page_after_a_wrong_discount_code(plain_page: Page) -> None:
    """The page that says what is wrong with the code must allow the redirect to Stripe as well."""
    open_cart(plain_page)
    code_field(plain_page).fill("WRONG")
    assert press(plain_page, "Apply") == 422
    expect(plain_page.locator(".code .message")).to_contain_text("doesn’t exist")
    expect(plain_page.get_by_label("Discount code")).to_be_focused()
    total = total_of(plain_page)
    plain_page.get_by_role("button", name="Buy").click()
    expect_at_stripe(plain_page, total)


def test_a_typed_code_is_applied_when_buy_is_pressed(plain_page: Page) -> None:
    open_cart(plain_page)
    full = total_of(plain_page)
    code_field(plain_page).fill("ten")
    assert press(plain_page, "Buy") == 409
    expect(plain_page.get_by_role("alert").first).to_contain_text("Code TEN is applied.")
    expect(plain_page.get_by_label("Discount code")).to_have_value("")
    reduced = total_of(plain_page)
    assert int(reduced or 0) < int(full or 0)
    plain_page.get_by_role("button", name="Buy").click()
    expect_at_stripe(plain_page, reduced)


def test_a_wrong_code_is_refused_once_when_buy_is_pressed(plain_page: Page) -> None:
    open_cart(plain_page)
    code_field(plain_page).fill("WRONG")
    assert press(plain_page, "Buy") == 422
    expect(plain_page.locator(".code .message")).to_contain_text("doesn’t exist")
    total = total_of(plain_page)
    plain_page.get_by_role("button", name="Buy").click()
    expect_at_stripe(plain_page, total)


def test_enter_in_the_code_field_applies_the_code_and_it_can_be_removed(plain_page: Page) -> None:
    open_cart(plain_page)
    full = total_of(plain_page)
    code_field(plain_page).fill("ten")
    code_field(plain_page).press("Enter")
    expect(plain_page.get_by_text("Discount TEN")).to_be_visible()
    assert plain_page.url.endswith("/order")
    assert press(plain_page, "Remove code") == 200
    assert total_of(plain_page) == full


def test_plus_and_minus_add_to_what_another_tab_stored(plain_page: Page) -> None:
    open_cart(plain_page)
    other = plain_page.context.new_page()
    other.goto("/order")
    other.get_by_label(re.compile("^Quantity")).fill("10")
    press(other, "Update")
    press(plain_page, re.compile("^One more"))
    expect(plain_page.get_by_label(re.compile("^Quantity"))).to_have_value("11")
    other.get_by_label(re.compile("^Quantity")).fill("2")
    assert press(other, "Update") == 409
    expect(other.locator(".cart-line .message:visible")).to_contain_text("it is 11 now")
    press(other, re.compile("^One less"))
    expect(other.get_by_label(re.compile("^Quantity"))).to_have_value("10")


@pytest.mark.parametrize("place", ["item", "cart"])
def test_a_changed_price_is_shown_before_buying(
    plain_page: Page, shop: Shop, new_item: Callable[..., int], place: str
) -> None:
    item = new_item()
    if place == "item":
        plain_page.goto(f"/item/{item}")
    else:
        open_cart(plain_page, item)
    change_item(shop, item, price=77)
    assert press(plain_page, "Buy") == 409
    alert = plain_page.get_by_role("alert").first
    expect(alert).to_contain_text("Check it, then pay.")
    expect(plain_page.get_by_role("button", name="Buy")).to_be_focused()
    total = re.sub(r"\D", "", (alert.text_content() or ""))
    plain_page.get_by_role("button", name="Buy").click()
    expect_at_stripe(plain_page, total)
