"""A double click and a held key count as one press; deliberate presses all count."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support import network
from tests.support.pages import code_field, put_in_cart
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

LATENCIES = [0, 100, 300, 600]


def hold_enter(button: Locator) -> None:
    button.focus()
    for _ in range(8):
        button.page.keyboard.down("Enter")
        button.page.wait_for_timeout(100)
    button.page.keyboard.up("Enter")


def expect_quantity(page: Page, quantity: int) -> None:
    expect(page.locator("#cart-badge .count")).to_contain_text(str(quantity))
    page.wait_for_timeout(700)  # a second request would have come by now
    page.goto("/order")
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value(str(quantity))


@pytest.mark.parametrize("way", ["double click", "held Enter"])
@pytest.mark.parametrize("latency", LATENCIES)
def test_adds_one_piece(page: Page, latency: int, way: str) -> None:
    page.goto("/item/1")
    network.delay(page, latency)
    button = page.get_by_role("button", name="Add to cart")
    if way == "double click":
        button.dblclick(delay=20)
    else:
        hold_enter(button)
    expect_quantity(page, 1)


@pytest.mark.parametrize("latency", [0, 600])
def test_two_deliberate_presses_add_two_pieces(page: Page, latency: int) -> None:
    page.goto("/item/1")
    network.delay(page, latency)
    button = page.get_by_role("button", name="Add to cart")
    button.click()
    button.click()
    expect_quantity(page, 2)


@pytest.mark.parametrize("latency", [0, 300])
@pytest.mark.parametrize("way", ["double click", "held Enter"])
def test_applies_a_code_once(page: Page, latency: int, way: str) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    network.delay(page, latency)
    sent = network.posts(page)
    code = code_field(page)
    code.fill("TEN")
    if way == "double click":
        page.get_by_role("button", name="Apply").dblclick(delay=20)
    else:
        hold_enter(code)
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    page.wait_for_timeout(700)
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    assert [url.rpartition("/")[2] for url in sent] == ["discount"]


@pytest.mark.parametrize("way", ["double click", "held Enter"])
@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_starts_one_payment(page: Page, shop: Shop, name: str, way: str) -> None:
    shop.local_stripe.reset()
    put_in_cart(page, 1)
    page.goto("/order")
    network.delay(page, 300)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    button = page.get_by_role("button", name=name, exact=True)
    if way == "double click":
        button.dblclick(delay=20)
    else:
        hold_enter(button)
    if name == "Buy":
        page.wait_for_url("**/c/pay/*")
    else:
        expect(page.get_by_label("E-mail")).to_be_focused()
    address = "/order/buy" if name == "Buy" else "/order/intent"
    assert len([url for url in asked if url.endswith(address)]) == 1
    assert len(shop.local_stripe.all_sessions()) + len(shop.local_stripe.intents()) == 1


@pytest.mark.parametrize("latency", [0, 300])
def test_every_click_on_plus_and_minus_counts(page: Page, latency: int) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    network.delay(page, latency)
    more = page.get_by_role("button", name=re.compile("^One more"))
    more.click(click_count=5, delay=10)
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value("6")
    page.get_by_role("button", name=re.compile("^One less")).click(click_count=2, delay=10)
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value("4")
    expect(page.locator("#cart-badge .count")).to_contain_text("4")


@pytest.fixture
def old_tab(new_context: Callable[..., Any]) -> Page:
    """A cart that shows 1 piece. Another tab has set 10 since."""
    context: BrowserContext = new_context()
    old, other = context.new_page(), context.new_page()
    put_in_cart(old, 1)
    old.goto("/order")
    other.goto("/order")
    other.get_by_label(re.compile("^Quantity")).fill("10")
    other.keyboard.press("Enter")
    expect(other.locator("#cart-badge .count")).to_contain_text("10")
    return old


@pytest.mark.parametrize("latency", [0, 300])
def test_plus_in_an_old_tab_adds_to_what_another_tab_set(old_tab: Page, latency: int) -> None:
    network.delay(old_tab, latency)
    old_tab.get_by_role("button", name=re.compile("^One more")).click()
    expect(old_tab.get_by_label(re.compile("^Quantity"))).to_have_value("11")


def test_a_typed_quantity_in_an_old_tab_is_refused_in_place(old_tab: Page) -> None:
    field = old_tab.get_by_label(re.compile("^Quantity"))
    field.fill("2")
    field.press("Enter")
    message = old_tab.locator(".cart-line [data-message]")
    expect(message).to_have_text("The quantity was changed meanwhile: it is 10 now.")
    expect(field).to_be_focused()
    expect(old_tab.locator("#cart-badge .count")).to_contain_text("10")
    field.fill("2")
    field.press("Enter")
    expect(old_tab.locator("#cart-badge .count")).to_contain_text("2")
