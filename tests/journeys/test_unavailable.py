"""What can't be bought: sold-out items, lines outside the total, totals that are too large."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.items import change_item
from tests.support.pages import put_in_cart
from tests.support.shops import Shop

GREY = "each => [getComputedStyle(each).filter, getComputedStyle(each).opacity]"
PROBLEM = "One of the items can’t be bought. Change or remove it, then pay."
TOO_LARGE = "An order can be at most $999,999.99. Please split it."


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
def page(new_context: Callable[..., Any], request: pytest.FixtureRequest) -> Page:
    made: Page = new_context(java_script_enabled=request.param).new_page()
    return made


def expect_no_way_to_pay(page: Page, sentence: str) -> None:
    """Buy and Pay here are disabled, and the sentence beside Buy says why."""
    expect(page.get_by_role("button", name="Buy")).to_be_disabled()
    expect(page.locator("#pay-here-USD")).to_be_disabled()
    expect(page.locator("#buy-message-USD")).to_have_text(sentence)
    expect(page.get_by_role("button", name="Buy")).to_have_accessible_description(sentence)


def test_a_sold_out_item_has_one_disabled_button(page: Page, new_item: Any) -> None:
    item = new_item(stock=0)
    page.goto(f"/item/{item}")
    buttons = page.get_by_role("main").get_by_role("button")
    expect(buttons).to_have_text(["Sold out"])
    expect(buttons).to_be_disabled()
    expect(page.locator("main form")).to_have_count(0)
    page.goto("/")
    card = page.locator(".item-card", has=page.locator(f"a[href='/item/{item}']"))
    expect(card.get_by_text("Sold out")).to_be_visible()
    expect(card.get_by_role("button")).to_have_count(0)


def test_a_line_that_is_sold_out_is_outside_of_the_total(
    page: Page, shop: Shop, new_item: Any
) -> None:
    item = new_item(stock=5)
    put_in_cart(page, item)
    put_in_cart(page, 1)
    change_item(shop, item, stock=0)
    page.goto("/order")
    line = page.locator(f"#line-USD-{item}")
    expect(line.get_by_text("Not in the total")).to_be_visible()
    expect(line.get_by_text("This item is sold out. Remove it to go on.")).to_be_visible()
    expect(line.locator(".cart-line-amount")).not_to_contain_text("$")
    assert line.locator(".no-picture").evaluate(GREY) == ["grayscale(1)", "0.5"]
    expect(page.locator("dd.subtotal")).to_have_text("$19.99")
    expect_no_way_to_pay(page, PROBLEM)
    line.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_role("button", name="Buy")).to_be_enabled()
    expect(page.locator("dd.subtotal")).to_have_text("$19.99")


def test_a_line_with_too_few_pieces_left_can_be_lowered(
    page: Page, shop: Shop, new_item: Any
) -> None:
    item = new_item(stock=5)
    put_in_cart(page, item)
    page.goto("/order")
    page.get_by_role("button", name=re.compile("^One more")).click()
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    change_item(shop, item, stock=1)
    page.goto("/order")
    expect(page.get_by_text("Only 1 left. Lower the quantity to go on.")).to_be_visible()
    expect_no_way_to_pay(page, PROBLEM)
    page.get_by_role("button", name=re.compile("^One less")).click()
    expect(page.get_by_role("button", name="Buy")).to_be_enabled()


@pytest.mark.parametrize(("quantity", "price"), [(999, "1234.50"), (7, "150000")])
def test_a_total_that_is_too_large_is_named_before_buy(
    page: Page, new_item: Any, quantity: int, price: str
) -> None:
    put_in_cart(page, new_item(price=price))
    page.goto("/order")
    field = page.get_by_label(re.compile("^Quantity"))
    field.fill(str(quantity))
    field.press("Enter")
    expect(page.locator("#buy-message-USD")).to_have_text(TOO_LARGE)
    expect_no_way_to_pay(page, TOO_LARGE)
    field.fill("2")
    field.press("Enter")
    expect(page.locator("#buy-message-USD")).to_be_empty()
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")


@pytest.mark.parametrize("path", ["/item/{}", "/?q=brass"])
def test_a_refused_add_keeps_the_focus(
    new_context: Callable[..., Any], shop: Shop, new_item: Any, path: str
) -> None:
    page = new_context().new_page()
    item = new_item(stock=1)
    page.goto(path.format(item))
    change_item(shop, item, stock=0)
    button = page.locator(f"#add-button-{item}")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#add-{item} .message")).to_contain_text("sold out")
    page.evaluate("new Promise(requestAnimationFrame)")  # in which a disabled button loses it
    expect(button).to_be_focused()
