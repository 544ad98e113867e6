"""The session ends or changes while a page is open: each button works, or says what is true."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support import network
from tests.support.pages import add, code_field, put_in_cart
from tests.support.pay_here import close_form, open_form
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

UNKNOWN = "Your browser doesn’t know your cart any more. Please add the items again."
EMPTY = "There is nothing to pay in your cart."


@pytest.fixture
def context(new_context: Callable[..., Any]) -> BrowserContext:
    made: BrowserContext = new_context()
    return made


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def log_in(context: BrowserContext, shop: Shop) -> Page:
    """Log in to the admin in another tab, which gives the session another key."""
    tab = context.new_page()
    tab.goto("/admin/")
    before = context.cookies()
    tab.get_by_label("Username").fill("admin")
    tab.get_by_label("Password").fill((shop.var_dir / "admin-password").read_text().strip())
    tab.get_by_role("button", name="Log in").click()
    expect(tab.get_by_role("button", name="Log out")).to_be_visible()
    assert context.cookies() != before
    return tab


def end_session(context: BrowserContext, shop: Shop, way: str) -> None:
    if way == "cookies cleared":
        context.clear_cookies()
    else:
        tab = log_in(context, shop)
        tab.get_by_role("button", name="Log out").click()
        expect(tab.get_by_role("button", name="Log out")).to_have_count(0)


def press(page: Page, name: str) -> None:
    if name == "Apply":
        code_field(page).fill("TEN")
    page.get_by_role("button", name=re.compile(f"^{name}")).click()


@pytest.mark.parametrize("path", ["/", "/item/1"])
@pytest.mark.parametrize("way", ["cookies cleared", "logout"])
def test_add_begins_a_new_cart(page: Page, shop: Shop, way: str, path: str) -> None:
    put_in_cart(page, 3)
    page.goto(path)
    page.evaluate("window.isSamePage = true")
    end_session(page.context, shop, way)
    page.locator("#add-button-1").click()
    expect(page.locator("#add-1 .toast")).to_be_visible()
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    assert page.evaluate("window.isSamePage")


@pytest.mark.parametrize("latency", [0, 300])
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("One more", UNKNOWN),
        ("Remove", UNKNOWN),
        ("Apply", UNKNOWN),
        ("Buy", EMPTY),
        ("Pay here", EMPTY),
    ],
)
def test_the_cart_says_that_it_is_empty_in_place(
    page: Page, name: str, sentence: str, latency: int
) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    page.evaluate("window.isSamePage = true")
    network.delay(page, latency)
    page.context.clear_cookies()
    press(page, name)
    expect(page.locator("#cart").get_by_role("alert")).to_have_text(sentence)
    expect(page.locator("#cart").get_by_text("Look at the items")).to_be_visible()
    expect(page.locator("#cart-badge .count")).to_have_count(0)
    assert page.evaluate("window.isSamePage && document.activeElement !== document.body")


def test_pay_here_and_buy_of_an_item_need_no_earlier_session(page: Page) -> None:
    add(page, 1)
    page.context.clear_cookies()
    expect(open_form(page).get_by_label("Card number")).to_be_visible()
    close_form(page)
    page.context.clear_cookies()
    press(page, "Buy")
    page.wait_for_url("**/c/pay/*")


def test_closing_pay_here_without_the_session_leaves_a_working_page(page: Page) -> None:
    page.goto("/item/1")
    expect(open_form(page).get_by_label("Card number")).to_be_visible()
    page.context.clear_cookies()
    close_form(page)
    open_form(page)


def test_every_button_works_after_a_login_in_another_tab(page: Page, shop: Shop) -> None:
    put_in_cart(page, 1)
    page.goto("/")
    cart = page.context.new_page()
    cart.goto("/order")
    log_in(page.context, shop)
    page.locator("#add-button-3").click()
    expect(page.locator("#cart-badge .count")).to_contain_text("2")
    cart.get_by_role("button", name=re.compile("^One more: Speckled")).click()
    expect(cart.get_by_label(re.compile("^Quantity: Speckled"))).to_have_value("2")
    expect(cart.locator(".cart-line")).to_have_count(2)
    press(cart, "Apply")
    expect(cart.get_by_text("Discount TEN")).to_be_visible()
    expect(open_form(cart).get_by_label("Card number")).to_be_visible()
    close_form(cart)
    press(cart, "Buy")
    cart.wait_for_url("**/c/pay/*")
