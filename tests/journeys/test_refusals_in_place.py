"""A refused Buy or Pay here shows what the shop has now, and the next press goes on."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import network
from tests.support.items import change_item
from tests.support.pages import add, code_field, figures, put_in_cart
from tests.support.pay_here import EURO_ITEM, cart_of
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

STRIPE_TOTAL = ("#total",)


@pytest.fixture
def item(new_item: Callable[..., int]) -> int:
    return new_item()


@pytest.fixture
def change(shop: Shop, item: int) -> Callable[..., None]:
    """Change the item as staff do."""
    return partial(change_item, shop, item)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def message(page: Page, name: str) -> Any:
    return page.locator("#buy-message-USD" if name.startswith("Buy") else "#pay-here-message-USD")


def expect_next_press_goes_on(page: Page, name: str) -> None:
    """The button has the focus; its press leads to paying what the page shows."""
    total = figures(page, ("dd.total",))
    expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    if name.startswith("Buy"):
        page.wait_for_url("**/c/pay/*")
        assert not total or figures(page, STRIPE_TOTAL) == total
    else:
        expect(page.get_by_label("E-mail")).to_be_focused()
        expect(page.get_by_role("button", name=re.compile(r"^Pay \$"))).to_be_visible()


@pytest.mark.parametrize("name", ["Buy now", "Pay here"])
def test_a_changed_price_on_the_page_of_the_item(
    page: Page, item: int, change: Callable[..., None], name: str
) -> None:
    page.goto(f"/item/{item}")
    page.evaluate("window.isSamePage = true")
    change(price=77)
    press(page, name)
    expect(message(page, name)).to_contain_text("The price has changed: it is $92.02 now.")
    expect(page.locator("#item-price")).to_have_text("$77.00")
    expect(page.locator("#item-price")).to_have_class(re.compile("changed"))
    assert page.evaluate("window.isSamePage")
    expect_next_press_goes_on(page, name)


@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_a_changed_price_in_the_cart(
    page: Page, item: int, change: Callable[..., None], name: str
) -> None:
    put_in_cart(page, item)
    page.goto("/order")
    page.evaluate("window.isSamePage = true")
    change(price=77)
    press(page, name)
    expect(message(page, name)).to_contain_text("Your cart has changed: the total is $92.02 now.")
    expect(page.locator("dd.total")).to_have_class(re.compile("changed"))
    assert page.evaluate("window.isSamePage")
    expect_next_press_goes_on(page, name)


@pytest.mark.parametrize("name", ["Buy now", "Pay here"])
def test_an_item_that_was_just_sold_out(
    page: Page, item: int, change: Callable[..., None], name: str
) -> None:
    page.goto(f"/item/{item}")
    change(stock=0)
    press(page, name)
    expect(page.get_by_role("button", name="Sold out")).to_be_disabled()
    expect(message(page, "Buy")).to_contain_text("sold out")
    expect(message(page, "Buy")).to_be_focused()


@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_a_code_that_was_typed_but_not_applied(page: Page, name: str) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    code_field(page).fill("TEN")
    press(page, name)
    expect(message(page, name)).to_contain_text("Code TEN is applied. The total is now $21.50.")
    expect(page.get_by_label("Discount code")).to_be_empty()
    expect(page.locator("dd.discount")).to_be_visible()
    expect_next_press_goes_on(page, name)


@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_a_wrong_code_that_was_typed_but_not_applied(page: Page, name: str) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    code_field(page).fill("WRONG")
    press(page, name)
    expect(message(page, name)).to_contain_text("doesn’t exist")
    expect(page.get_by_label("Discount code")).to_have_value("WRONG")
    expect_next_press_goes_on(page, name)


@pytest.mark.parametrize("name", ["Buy (USD)", "Pay here (USD)"])
def test_the_message_is_at_the_cart_of_the_pressed_button(page: Page, name: str) -> None:
    put_in_cart(page, EURO_ITEM)
    put_in_cart(page, 1)
    page.goto("/order")
    dollars = page.get_by_role("region", name="Cart in USD")
    code_field(dollars).fill("TEN")
    press(page, name)
    expect(dollars.get_by_role("alert").filter(has_text="Code TEN is applied")).to_have_count(1)
    expect(page.get_by_text("Code TEN is applied").locator("visible=true")).to_have_count(1)
    expect(dollars.get_by_role("button", name=name)).to_be_focused()


@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_a_cart_that_another_tab_emptied(new_context: Callable[..., Any], name: str) -> None:
    context = new_context()
    page, other = context.new_page(), context.new_page()
    put_in_cart(page, 1)
    page.goto("/order")
    other.goto("/order")
    other.get_by_role("button", name=re.compile("^Remove")).click()
    expect(other.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()
    press(page, name)
    expect(page.locator("#cart").get_by_role("alert")).to_have_text(
        "There is nothing to pay in your cart."
    )
    expect(page.locator("#cart").get_by_role("alert")).to_be_focused()
    expect(page.locator("#cart-badge .count")).to_have_count(0)


@pytest.mark.parametrize("latency", [0, 300])
@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_a_code_that_has_ended(page: Page, shop: Shop, name: str, latency: int) -> None:
    found = "from cart.models import Discount; found = Discount.objects.filter(code='SPRING');"
    shop.run_python(f"{found} found.delete(); Discount.objects.create(code='SPRING', percent=50)")
    cart_of(page, 1, code="SPRING")
    page.evaluate("window.isSamePage = true")
    network.delay(page, latency)
    shop.run_python(f"{found} from datetime import *; found.update(ends_at=datetime.now(UTC))")
    press(page, name)
    expect(message(page, name)).to_contain_text("This code has expired. The total is $23.89 now.")
    expect(page.locator("#total-USD")).to_have_class(re.compile("changed"))
    expect(page.get_by_text("Discount SPRING")).to_have_count(0)
    expect(page.locator(".code").get_by_role("alert")).to_have_text("This code has expired.")
    assert page.evaluate("window.isSamePage")
    expect_next_press_goes_on(page, name)


@pytest.mark.parametrize("latency", [0, 300])
@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_a_cart_that_another_tab_changed(page: Page, name: str, latency: int) -> None:
    cart_of(page, 1)
    page.evaluate("window.isSamePage = true")
    network.delay(page, latency)
    other = page.context.new_page()
    add(other, 3)
    add(other, 1)
    press(page, name)
    expect(message(page, name)).to_contain_text("Your cart has changed: the total is $76.46 now.")
    expect(page.locator(".cart-line")).to_have_count(2)
    expect(page.get_by_label(re.compile("^Quantity: Speckled"))).to_have_value("2")
    expect(page.locator("#total-USD")).to_have_class(re.compile("changed"))
    expect(page.locator("#cart-badge .count")).to_contain_text("3")
    assert page.evaluate("window.isSamePage")
    expect_next_press_goes_on(page, name)


@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_a_line_that_was_just_sold_out(
    page: Page, item: int, change: Callable[..., None], name: str
) -> None:
    cart_of(page, 1, item)
    change(stock=0)
    press(page, name)
    expect(message(page, "Buy")).to_contain_text("One of the items can’t be bought.")
    expect(page.locator(".cart-line").get_by_text("Not in the total")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Remove.*(?<!mug)$")).click()
    expect(page.get_by_role("button", name=name, exact=True)).to_be_enabled()
    press(page, name)
    if name == "Buy":
        page.wait_for_url("**/c/pay/*")
        assert figures(page, STRIPE_TOTAL) == ["2389"]
    else:
        expect(page.get_by_role("button", name="Pay $23.89")).to_be_visible()
