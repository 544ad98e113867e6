"""How htmx changes the cart's page."""

import re

from playwright.sync_api import Page, Route, expect


def test_forms_of_a_line_inherit_target_swap_and_queue(page: Page) -> None:
    page.goto("/item/1")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator(".toast")).to_be_visible()
    page.goto("/order")
    page.evaluate("window.isSamePage = true")
    held: list[Route] = []
    page.route("**/order/lines/*", lambda route: held.append(route))
    more = page.get_by_role("button", name=re.compile("^One more"))
    more.click()
    more.click()
    page.get_by_role("button", name=re.compile("^One less")).click()
    for sent in range(1, 4):
        while len(held) < sent:
            page.wait_for_timeout(100)
        page.wait_for_timeout(300)
        assert len(held) == sent  # one request at a time, and no press is lost
        with page.expect_response("**/order/lines/*"):
            held[-1].continue_()
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    expect(page.locator("#cart-badge .count")).to_contain_text("2")
    assert page.evaluate("window.isSamePage")
    expect(page.locator("#cart")).to_have_count(1)
