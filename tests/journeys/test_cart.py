"""The cart in a real browser: built over two pages, changed, discounted, taxed, paid."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.items import change_item
from tests.support.pages import (
    SHOP,
    STRIPE,
    add,
    code_field,
    expect_paid_receipt,
    figures,
    pay,
    put_in_cart,
)
from tests.support.screens import assert_fits
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


@pytest.mark.parametrize("javascript", [True, False])
def test_builds_changes_discounts_and_pays_an_order(
    new_context: Callable[..., Any], shop: Shop, javascript: bool
) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    page.goto("/")
    page.get_by_role("button", name=re.compile("Add to cart.*Linen kitchen apron")).click()
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    add(page, 1)
    add(page, 3)
    page.goto("/order")
    expect(page.locator(".cart-line")).to_have_count(3)
    page.get_by_role("button", name=re.compile("One more: Speckled stoneware mug")).click()
    expect(page.get_by_label(re.compile("Quantity: Speckled stoneware mug"))).to_have_value("2")
    quantity = page.get_by_label(re.compile("Quantity: .*candle"))
    quantity.fill("3")
    quantity.press("Enter")
    expect(page.locator("#cart-badge .count")).to_contain_text("6")
    code_field(page).fill("ten")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    shown = figures(page, SHOP)
    assert len(shown) == 5
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    assert figures(page, STRIPE) == shown
    pay(page)
    expect_paid_receipt(page, shop)
    assert figures(page, SHOP) == shown
    expect(page.locator("#cart-badge .count")).to_have_count(0)


def test_going_back_after_paying_shows_an_empty_cart(page: Page, shop: Shop) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    pay(page)
    expect_paid_receipt(page, shop)
    for _ in range(4):
        page.go_back()
        if page.url.endswith("/order"):
            break
    expect(page.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()
    expect(page.get_by_role("button", name="Buy")).to_have_count(0)


@pytest.mark.parametrize("way", ["link", "back", "closed tab"])
def test_cart_can_be_paid_after_leaving_stripe(new_context: Callable[..., Any], way: str) -> None:
    context = new_context()
    page = context.new_page()
    put_in_cart(page, 1)
    page.goto("/order")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    first = page.url
    if way == "link":
        page.get_by_role("link", name=re.compile("back", re.IGNORECASE)).first.click()
    elif way == "back":
        page.go_back()
    else:
        page.close()
        page = context.new_page()
        page.goto("/order")
    expect(page.locator(".cart-line")).to_have_count(1)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url(first)


def test_wrong_input_shows_a_message_and_keeps_focus_and_text(page: Page) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    quantity = page.get_by_label(re.compile("Quantity"))
    quantity.fill("1.5")
    quantity.press("Enter")
    expect(page.locator(".cart-line .message")).to_contain_text("must be a whole number")
    expect(quantity).to_have_value("1.5")
    expect(quantity).to_be_focused()
    code = code_field(page)
    code.fill("WRONG")
    code.press("Enter")
    expect(page.locator(".code .message")).to_contain_text("doesn’t exist")
    expect(code).to_have_value("WRONG")
    expect(code).to_be_focused()
    expect(page.locator("#announcement")).to_contain_text("doesn’t exist")


def test_adds_changes_removes_discounts_and_buys_by_keyboard(page: Page) -> None:
    page.goto("/item/1")
    page.get_by_role("button", name="Add to cart").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#announcement")).to_contain_text("In the cart: 1")
    expect(page.get_by_role("button", name="Add to cart")).to_be_focused()
    page.goto("/item/3")
    page.get_by_role("button", name="Add to cart").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cart-badge .count")).to_contain_text("2")
    page.goto("/order")
    more = page.get_by_role("button", name=re.compile("One more: Speckled stoneware mug"))
    more.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#announcement")).to_contain_text("Your cart: 3 items")
    expect(more).to_be_focused()
    for left in (1, 0):
        page.get_by_role("button", name=re.compile("^Remove")).first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".cart-line")).to_have_count(left)
        assert page.evaluate("document.activeElement !== document.body")
    expect(page.get_by_role("heading", name="Cart")).to_be_focused()
    put_in_cart(page, 1)
    page.goto("/order")
    code_field(page).focus()
    page.keyboard.type("ten")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    page.get_by_role("button", name="Buy").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/pay/*")


def test_double_click_adds_once(page: Page) -> None:
    page.goto("/item/1")
    page.get_by_role("button", name="Add to cart").dblclick()
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    page.goto("/order")
    expect(page.get_by_label(re.compile("Quantity"))).to_have_value("1")


def test_shows_that_another_tab_emptied_the_cart(
    new_context: Callable[..., Any],
) -> None:
    context = new_context()
    first, second = context.new_page(), context.new_page()
    put_in_cart(first, 1)
    for tab in (first, second):
        tab.goto("/order")
    second.get_by_role("button", name=re.compile("^Remove")).click()
    expect(second.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()
    first.get_by_role("button", name=re.compile("One more")).click()
    expect(first.get_by_text("Your cart has changed meanwhile").first).to_be_visible()
    context.clear_cookies()
    first.goto("/order")
    expect(first.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()


def test_ended_session_shows_an_empty_cart(new_context: Callable[..., Any]) -> None:
    context = new_context()
    page = context.new_page()
    put_in_cart(page, 1)
    page.goto("/order")
    context.clear_cookies()
    page.get_by_role("button", name=re.compile("One more")).click()
    expect(page.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()


def test_changed_price_must_be_seen_before_buying(
    page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    item = new_item()
    put_in_cart(page, item)
    page.goto("/order")
    change_item(shop, item, price=77)
    page.get_by_role("button", name="Buy").click()
    expect(page.get_by_role("alert").first).to_contain_text("Your cart has changed: the total is")
    expect(page.get_by_text("The price has changed")).to_be_visible()
    expect(page.locator("dd.total")).to_have_class(re.compile("changed"))
    expect(page.get_by_role("button", name="Buy")).to_be_focused()
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")


def test_cart_fits_the_screen(page: Page) -> None:
    put_in_cart(page, 1, 8)
    page.goto("/order")
    assert_fits(page, 320)
    assert_fits(page, 1280)


@pytest.mark.parametrize("javascript", [True, False])
def test_quantity_and_its_buttons_are_in_one_row_on_a_narrow_screen(
    new_context: Callable[..., Any], javascript: bool
) -> None:
    viewport = {"width": 320, "height": 700}
    page = new_context(viewport=viewport, java_script_enabled=javascript).new_page()
    put_in_cart(page, 1)
    page.goto("/order")
    names = ("^One less", "^Quantity", "^One more")
    boxes = [page.get_by_label(re.compile(name)).bounding_box() for name in names]
    assert len({box and box["y"] for box in boxes}) == 1
