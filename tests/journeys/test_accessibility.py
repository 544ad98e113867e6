"""Every state of every page: axe in both color schemes, small screens, large text, keyboard."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.support.pages import assert_accessible_in_both_schemes
from tests.support.receipt_states import receipt_paid
from tests.support.screens import assert_fits, assert_tab_reaches_everything
from tests.support.shops import Shop
from tests.support.states import STATES
from tests.support.visit import Visit

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


@pytest.mark.parametrize("open_state", STATES, ids=lambda each: each.__name__)
def test_state_is_accessible(
    new_context: Callable[..., Any],
    shop: Shop,
    new_item: Callable[..., int],
    open_state: Callable[[Visit], None],
) -> None:
    page = new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    open_state(Visit(page, shop, new_item))
    assert_accessible_in_both_schemes(page)
    assert_tab_reaches_everything(page)
    assert_fits(page, 320)
    assert_fits(page, 360, text_size="200%")


def tab_to(target: Locator) -> None:
    """Press Tab until the target has the focus."""
    page = target.page
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError("Tab doesn't reach the element")


def press_enter(page: Page, name: str | re.Pattern[str], text: str) -> None:
    """Tab to a button and press Enter; the page then shows the text, and the focus has a place."""
    tab_to(page.get_by_role("button", name=name))
    page.keyboard.press("Enter")
    expect(page.get_by_text(text).first).to_be_visible()
    assert page.evaluate("document.activeElement !== document.body")


def test_tab_and_enter_lead_from_the_list_to_the_payment(page: Page) -> None:
    page.goto("/")
    press_enter(page, re.compile("^Add to cart.*Linen kitchen apron"), "Added")
    tab_to(page.get_by_role("link", name="Linen kitchen apron"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Linen kitchen apron")).to_be_visible()
    press_enter(page, "Add to cart", "Added")
    tab_to(page.get_by_role("link", name="View cart"))
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    press_enter(page, re.compile("^One less"), "Your cart: 1 item")
    press_enter(page, re.compile("^One more"), "Your cart: 2 items")
    tab_to(page.get_by_label(re.compile("^Quantity")))
    page.keyboard.type("3")  # Tab selects what is in the field
    page.keyboard.press("Enter")
    expect(page.locator("#cart-badge .count")).to_contain_text("3")
    tab_to(page.locator(".code summary"))
    page.keyboard.press("Enter")  # unfolds the field
    tab_to(page.get_by_label("Discount code"))
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".code .message")).to_contain_text("doesn’t exist")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("ten")
    press_enter(page, "Apply", "Discount TEN")
    press_enter(page, "Remove code", "Your cart: 3 items")
    expect(page.get_by_text("Discount TEN")).to_have_count(0)
    press_enter(page, "Pay here", "E-mail for the receipt")
    expect(page.locator("[data-pay-here] iframe")).to_be_visible()
    press_enter(page, "Close", "Pay here")
    tab_to(page.get_by_role("button", name="Buy"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/pay/*")


def test_removing_the_last_line_by_keyboard_leads_to_the_heading(page: Page) -> None:
    page.goto("/item/1")
    press_enter(page, "Add to cart", "Added")
    page.goto("/order")
    press_enter(page, re.compile("^Remove"), "Your cart is empty.")
    expect(page.get_by_role("heading", name="Cart")).to_be_focused()
    tab_to(page.get_by_role("link", name="Look at the items"))


def test_search_filter_order_and_toast_have_names(page: Page) -> None:
    page.goto("/?q=stone")
    search = page.get_by_role("search")
    expect(search.get_by_role("searchbox", name="Search")).to_have_value("stone")
    filters = page.get_by_role("navigation", name="Currency")
    expect(filters.get_by_role("link", name="All", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator(".sort summary")).to_have_accessible_name(re.compile("^Order: Best match"))
    page.get_by_role("button", name="Add to cart: Stoneware bud vase", exact=True).click()
    expect(page.get_by_role("link", name="View cart")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Stoneware bud vase added. In the cart: 1.")


def pixel_of(target: Locator, x: int, y: int) -> Any:
    """The brightness of a point of an element on the screen."""
    return Image.open(io.BytesIO(target.screenshot())).convert("L").getpixel((x, y))


def test_the_dots_of_a_receipt_differ_without_grounds(
    new_context: Callable[..., Any], shop: Shop, new_item: Callable[..., int]
) -> None:
    """On paper, and where the system chooses the colours, there are only borders."""
    page = new_context(forced_colors="active").new_page()
    receipt_paid(Visit(page, shop, new_item))
    steps = [
        page.locator(f".steps > {which}").first for which in ("[data-done]", ":not([data-done])")
    ]
    done, awaited = (pixel_of(step, 8, 13) for step in steps)
    assert done != awaited


def test_the_chosen_filter_has_a_border_without_grounds(new_context: Callable[..., Any]) -> None:
    page = new_context(forced_colors="active").new_page()
    page.goto("/")
    links = page.get_by_role("navigation", name="Currency").get_by_role("link").all()
    chosen, other = (pixel_of(link, 1, 18) for link in links[:2])
    assert chosen != other
