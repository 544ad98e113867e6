"""Pages with text of twice the size on a phone: nothing is cut off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.pages import add
from tests.support.screens import assert_fits

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [320, 360])
def test_header_cart_and_item_hold_at_twice_the_text_size(
    new_context: Callable[..., Any], shop: Any, width: int, javascript: bool
) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    add(page, 1)
    add(page, 8)
    page.goto("/order")
    page.get_by_label("Discount code").fill("ten")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    shop.run_python("from store.models import Item; Item.objects.filter(pk=8).update(price=99999)")
    for path in ("/order", "/item/8", "/"):
        page.goto(path)
        assert_fits(page, width, text_size="200%")
