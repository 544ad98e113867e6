"""How htmx changes the cart's page."""

import re

from playwright.sync_api import Page, Route, expect


def test_forms_of_a_line_inherit_target_swap_and_queue(page: Page) -> None:
    page.goto("/item/1")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator(".message-good")).to_be_visible()
    page.goto("/order")
    page.evaluate("window.isSamePage = true")
    held: list[Route] = []
    page.route("**/order/lines/*", lambda route: held.append(route))
    more = page.get_by_role("button", name=re.compile("^One more"))
    with page.expect_request("**/order/lines/*"):
        more.click()
    page.get_by_role("button", name=re.compile("^One less")).click()
    held[0].continue_()
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    expect(page.locator("#cart-badge .count")).to_contain_text("2")
    assert len(held) == 1  # one request at a time: the second press was dropped
    assert page.evaluate("window.isSamePage")
    expect(page.locator("#cart")).to_have_count(1)
