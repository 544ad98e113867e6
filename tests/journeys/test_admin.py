"""A member of staff in the admin."""

import re

from playwright.sync_api import Page, expect

from tests.support.shops import Shop
from tests.support.staff import log_in


def test_staff_log_in_and_change_an_item_without_a_token(page: Page, shop: Shop) -> None:
    log_in(page, shop)
    page.get_by_role("link", name="Items").first.click()
    page.locator("#result_list tbody th a").first.click()
    page.get_by_label("Description").fill("Changed in the admin.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text(re.compile("was changed successfully"))
    assert {each["name"] for each in page.context.cookies()} == {"sessionid"}
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
