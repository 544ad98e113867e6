"""Pages with text of twice the size on a phone: nothing is cut off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import add

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")
# The first element with text or a button whose right edge is outside of the screen.
CUT_OFF = """() => [...document.querySelectorAll("header *, main *")].find((each) =>
  each.checkVisibility() && !each.closest(".visually-hidden")
  && each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)?.outerHTML ?? ''
"""


def assert_fits(page: Page, width: int) -> None:
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(CUT_OFF) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [320, 360])
def test_header_cart_and_item_hold_at_twice_the_text_size(
    new_context: Callable[..., Any], shop: Any, width: int, javascript: bool
) -> None:
    viewport = {"width": width, "height": 700}
    page = new_context(viewport=viewport, java_script_enabled=javascript).new_page()
    add(page, 1)
    add(page, 8)
    page.goto("/order")
    page.get_by_label("Discount code").fill("ten")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    shop.run_python("from store.models import Item; Item.objects.filter(pk=8).update(price=99999)")
    for path in ("/order", "/item/8", "/"):
        page.goto(path)
        assert_fits(page, width)
