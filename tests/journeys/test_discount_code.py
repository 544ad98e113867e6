"""The code field of the cart: focus and announcements."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import code_field, put_in_cart

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


@pytest.mark.parametrize("way", ["Enter", "button"])
def test_applying_and_removing_a_code_keeps_the_focus_and_announces_the_total(
    page: Page, way: str
) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    code = code_field(page)
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


def test_an_unfolded_field_stays_open_with_its_text(page: Page) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    code = page.get_by_label("Discount code")
    expect(code).to_be_hidden()
    code_field(page).fill("te")
    page.get_by_role("button", name=re.compile("^One more")).click()
    expect(page.locator("#announcement")).to_contain_text("Your cart: 2 items")
    expect(code).to_be_visible()
    expect(code).to_have_value("te")
