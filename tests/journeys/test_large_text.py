"""Pages with text of twice the size on a phone: nothing is cut off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.pages import code_field, put_in_cart
from tests.support.screens import assert_fits

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


@pytest.mark.parametrize("javascript", [True, False])
def test_header_cart_and_item_hold_at_twice_the_text_size(
    new_context: Callable[..., Any], new_item: Callable[..., int], javascript: bool
) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    put_in_cart(page, 1)
    dear = new_item(price=99999)
    put_in_cart(page, dear)
    page.goto("/order")
    code_field(page).fill("ten")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    for path in ("/order", f"/item/{dear}", "/"):
        page.goto(path)
        for width in (320, 360):
            assert_fits(page, width, text_size="200%")
            skip_link = page.locator(".skip-link").bounding_box()
            assert skip_link
            assert skip_link["y"] + skip_link["height"] <= 0
            if path.startswith("/item"):
                bar = page.locator(".add-bar").bounding_box()
                assert bar
                assert bar["height"] <= 160  # --bar, which the page keeps free
