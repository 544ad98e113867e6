"""The shop in a browser without JavaScript."""

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.usefixtures("discounts_and_taxes")
def test_buy_opens_stripes_page_after_a_wrong_discount_code(plain_page: Page) -> None:
    """The page that says what is wrong with the code must allow the redirect to Stripe as well."""
    plain_page.goto("/item/1")
    plain_page.get_by_role("button", name="Add to cart").click()
    plain_page.get_by_label("Discount code").fill("WRONG")
    with plain_page.expect_navigation() as refused:
        plain_page.get_by_role("button", name="Apply").click()
    assert refused.value.status == 422
    expect(plain_page.locator(".code .message")).to_contain_text("doesn’t exist")
    plain_page.get_by_role("button", name="Buy").click()
    plain_page.wait_for_url("**/c/pay/*")
