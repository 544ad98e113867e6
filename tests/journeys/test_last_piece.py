"""The last piece of an item: what its holder reads, what others read, and how it becomes free."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.items import stock_of
from tests.support.pages import put_in_cart
from tests.support.pay_here import close_form, open_form
from tests.support.shops import Shop

RESERVED = re.compile(r"Reserved for you for \d+ more minutes: continue to pay\.")
PAYING = "Somebody is paying for the last one. It may come back."


@pytest.fixture
def item(new_item: Callable[..., int]) -> int:
    return new_item(stock=1)


@pytest.fixture
def stranger(new_context: Callable[..., Any]) -> Page:
    page: Page = new_context().new_page()
    return page


def start_paying(page: Page, way: str) -> None:
    """Press Buy or Pay here; then go back from Stripe's page, or leave the form by a reload."""
    address = page.url
    page.get_by_role("button", name=way).click()
    if way == "Buy":
        page.wait_for_url("**/c/pay/*")
        page.go_back()
    else:
        expect(page.get_by_label("E-mail")).to_be_focused()
    page.goto(address)


def expect_way_to_pay(page: Page) -> None:
    """The page says that the piece is reserved, and Buy leads to Stripe's page."""
    expect(page.get_by_text(RESERVED)).to_be_visible()
    expect(page.get_by_text(re.compile("sold out", re.IGNORECASE))).to_have_count(0)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")


def expect_sold_out(page: Page, item: int) -> None:
    page.goto(f"/item/{item}")
    expect(page.get_by_text(PAYING)).to_be_visible()
    buttons = page.get_by_role("main").get_by_role("button")
    expect(buttons).to_have_text(["Sold out"])
    expect(buttons).to_be_disabled()


def expect_for_sale(page: Page, item: int) -> None:
    page.goto(f"/item/{item}")
    expect(page.get_by_text("Only 1 left")).to_be_visible()
    expect(page.get_by_role("button", name="Buy")).to_be_enabled()


@pytest.mark.parametrize("way", ["Buy", "Pay here"])
def test_the_item_is_reserved_for_its_buyer(
    page: Page, stranger: Page, item: int, way: str
) -> None:
    page.goto(f"/item/{item}")
    start_paying(page, way)
    expect_sold_out(stranger, item)
    expect_way_to_pay(page)


@pytest.mark.parametrize("way", ["Buy", "Pay here"])
def test_the_cart_is_reserved_for_its_buyer(
    page: Page, stranger: Page, item: int, way: str
) -> None:
    put_in_cart(page, item)
    page.goto("/order")
    start_paying(page, way)
    expect_sold_out(stranger, item)
    page.goto(f"/item/{item}")
    expect(page.get_by_text(RESERVED)).to_be_visible()
    page.locator("#item-offer").get_by_role("link", name="To the cart").click()
    expect_way_to_pay(page)


@pytest.mark.parametrize("place", ["item", "cart"])
def test_closing_pay_here_frees_the_piece(
    page: Page, stranger: Page, shop: Shop, item: int, place: str
) -> None:
    if place == "cart":
        put_in_cart(page, item)
    page.goto("/order" if place == "cart" else f"/item/{item}")
    expect(open_form(page).get_by_label("Card number")).to_be_visible()
    assert stock_of(shop, item) == "0"
    with page.expect_response("**/order/*/cancel"):
        close_form(page)
    expect_for_sale(stranger, item)


def test_closing_pay_here_again_takes_the_reservation_from_the_page(page: Page, item: int) -> None:
    page.goto(f"/item/{item}")
    start_paying(page, "Pay here")
    expect(page.get_by_text(RESERVED)).to_be_visible()
    open_form(page)
    close_form(page)
    expect(page.get_by_text(RESERVED)).to_have_count(0)
    expect(page.get_by_text("Only 1 left")).to_be_visible()


@pytest.mark.parametrize("place", ["item", "cart"])
@pytest.mark.parametrize("javascript", [True, False])
def test_stop_paying_frees_the_piece(
    new_context: Callable[..., Any], stranger: Page, item: int, place: str, javascript: bool
) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    if place == "cart":
        put_in_cart(page, item)
    page.goto("/order" if place == "cart" else f"/item/{item}")
    start_paying(page, "Buy")
    page.get_by_role("button", name="Stop paying").click()
    expect(page.get_by_text(RESERVED)).to_have_count(0)
    expect(page.get_by_role("button", name="Buy")).to_be_enabled()
    expect_for_sale(stranger, item)
