"""How the form of "Pay here" opens, closes and loads, in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import (
    GOOD_CARD,
    assert_accessible,
    expect_paid_receipt,
)
from tests.support.pay_here import (
    EURO_ITEM,
    cart_of,
    open_form,
    press_pay,
    section,
    type_card,
)
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


def change_the_other_order(page: Page, way: str) -> None:
    """Changes or removes the order in euros, and waits until the cart shows it."""
    euros = page.get_by_role("region", name="Cart in EUR")
    if way == "quantity":
        euros.get_by_role("button", name=re.compile("^One more")).click()
        expect(euros.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    elif way == "code":
        euros.get_by_label("Discount code").fill("TEN")
        euros.get_by_role("button", name="Apply").click()
        expect(euros.get_by_text("Discount TEN")).to_be_visible()
    else:
        euros.get_by_role("button", name=re.compile("^Remove")).click()
        expect(euros).to_have_count(0)


@pytest.mark.parametrize("way", ["quantity", "code", "removal"])
def test_keeps_the_form_open_when_the_cart_in_another_currency_changes(
    page: Page, shop: Shop, way: str
) -> None:
    cart_of(page, 1, EURO_ITEM)
    dollars = page.get_by_role("region", name="Cart in USD")
    dollars.get_by_role("button", name="Pay here").click()
    dollars.get_by_label("E-mail").fill("buyer@shop.example")
    type_card(dollars.frame_locator("iframe"), GOOD_CARD)
    change_the_other_order(page, way)
    expect(dollars.get_by_label("E-mail")).to_have_value("buyer@shop.example")
    press_pay(page)
    expect_paid_receipt(page, shop)


def test_closes_the_form_when_its_order_changes(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    open_form(page)
    page.get_by_role("button", name=re.compile("^One more")).click()
    expect(section(page).get_by_role("button", name="Pay here")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    type_card(open_form(page), GOOD_CARD)
    press_pay(page)
    expect_paid_receipt(page, shop)
    expect(page.locator("table.lines tbody td").first).to_have_text("2")


def test_loads_stripe_js_only_when_pay_here_is_pressed(page: Page, shop: Shop) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/item/1")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(shop.address) for url in asked)
    open_form(page)
    assert any(url.endswith("/v3/") for url in asked)


def test_blocked_script_shows_a_message_and_the_next_press_tries_again(page: Page) -> None:
    page.route("**/v3/", lambda route: route.abort())
    page.goto("/item/1")
    button = section(page).get_by_role("button", name="Pay here")
    button.click()
    expect(section(page).get_by_role("alert")).to_contain_text("allow js.stripe.com")
    page.unroute("**/v3/")
    button.click()
    expect(section(page).get_by_label("E-mail")).to_be_focused()


def test_changed_amount_shows_a_message_before_paying(page: Page, shop: Shop) -> None:
    page.goto("/item/21")
    shop.run_python("from store.models import Item; Item.objects.filter(pk=21).update(price=77)")
    section(page).get_by_role("button", name="Pay here").click()
    expect(section(page).get_by_role("alert")).to_contain_text("The amount has changed")


def test_opens_closes_and_pays_by_keyboard(page: Page, shop: Shop) -> None:
    page.goto("/item/1")
    section(page).get_by_role("button", name="Pay here").focus()
    page.keyboard.press("Enter")
    expect(section(page).get_by_label("E-mail")).to_be_focused()
    section(page).get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(section(page).get_by_role("button", name="Pay here")).to_be_focused()
    page.keyboard.press("Enter")
    expect(section(page).get_by_label("E-mail")).to_be_focused()
    page.keyboard.type("buyer@shop.example")
    form = section(page).frame_locator("iframe")
    expect(form.get_by_label("Card number")).to_be_visible()
    type_card(form, GOOD_CARD)
    section(page).get_by_role("button", name=re.compile(r"^Pay \$")).focus()
    page.keyboard.press("Enter")
    expect_paid_receipt(page, shop)


def test_without_javascript_shows_buy_and_hides_pay_here(plain_page: Page) -> None:
    plain_page.goto("/item/1")
    expect(plain_page.get_by_role("button", name="Buy")).to_be_visible()
    expect(plain_page.get_by_role("button", name="Pay here")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_form_is_accessible(new_context: Callable[..., Any], scheme: str) -> None:
    page = new_context(color_scheme=scheme, bypass_csp=True).new_page()
    page.goto("/item/1")
    form = open_form(page)
    expect(form.get_by_label("Card number")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_open_form_fits_the_screen(new_context: Callable[..., Any], width: int) -> None:
    page = new_context(viewport={"width": width, "height": 700}).new_page()
    page.goto("/item/1")
    form = open_form(page)
    expect(form.get_by_label("Card number")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
