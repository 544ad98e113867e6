"""A member of staff in the admin."""

import re

from playwright.sync_api import Page, expect

from tests.support.shops import Shop


def test_staff_log_in_and_change_an_item_without_a_token(page: Page, shop: Shop) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill((shop.var_dir / "admin-password").read_text().strip())
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Items").first.click()
    page.locator("#result_list tbody th a").first.click()
    page.get_by_label("Description").fill("Changed in the admin.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text(re.compile("was changed successfully"))
    assert {each["name"] for each in page.context.cookies()} == {"sessionid"}
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
