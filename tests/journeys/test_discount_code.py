"""The code field of the cart: focus and announcements."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import add, assert_accessible

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


@pytest.mark.parametrize("way", ["Enter", "button"])
def test_applying_and_removing_a_code_keeps_the_focus_and_announces_the_total(
    page: Page, way: str
) -> None:
    add(page, 1)
    page.goto("/order")
    code = page.get_by_label("Discount code")
    code.fill("ten")
    if way == "Enter":
        code.press("Enter")
    else:
        page.get_by_role("button", name="Apply").click()
    announcement = page.locator("#announcement")
    expect(announcement).to_contain_text(
        re.compile(r"Code TEN is applied\. The total is now \$\d+\.\d\d\.")
    )
    expect(code).to_be_focused()
    expect(code).to_have_value("")
    page.get_by_role("button", name="Remove code").click()
    expect(page.get_by_text("Discount TEN")).to_have_count(0)
    expect(announcement).to_contain_text("Your cart: 1 item")
    expect(code).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_applied_code_and_a_line_outside_the_total_are_accessible(
    new_context: Callable[..., Any], shop: Any, scheme: str
) -> None:
    page = new_context(color_scheme=scheme, bypass_csp=True).new_page()
    add(page, 1)
    add(page, 24)
    page.goto("/order")
    page.get_by_label("Discount code").fill("ten")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    shop.run_python("from store.models import Item; Item.objects.filter(pk=24).update(stock=0)")
    page.reload()
    expect(page.get_by_text("Not in the total")).to_be_visible()
    assert_accessible(page)
    page.goto("/item/24")
    expect(page.get_by_role("button")).to_have_text(["Sold out"])
    expect(page.get_by_role("button", name="Sold out")).to_be_disabled()
    assert_accessible(page)
    shop.run_python("from store.models import Item; Item.objects.filter(pk=24).update(stock=9)")
