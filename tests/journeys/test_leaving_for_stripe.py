"""Presses between Buy and the moment at which the browser leaves for Stripe's page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support import network
from tests.support.pages import put_in_cart


@pytest.mark.parametrize("latency", [100, 400])
@pytest.mark.parametrize("second", ["One more", "^Pay here"])
def test_a_press_after_buy_does_not_end_the_session(page: Page, second: str, latency: int) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    network.delay_answers(page, latency)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_timeout(80)
    page.get_by_role("button", name=re.compile(second)).click()
    page.wait_for_url("**/c/pay/*")
    expect(page.get_by_role("button", name=re.compile("^Pay")).first).to_be_visible()


@pytest.mark.parametrize("latency", [0, 300])
def test_a_double_click_removes_one_line(page: Page, latency: int) -> None:
    for item in (1, 3):
        put_in_cart(page, item)
    page.goto("/order")
    network.delay_answers(page, latency)
    page.get_by_role("button", name=re.compile("^Remove")).first.dblclick(delay=40)
    expect(page.locator(".cart-line")).to_have_count(1)
    page.wait_for_timeout(2 * latency + 200)
    expect(page.locator(".cart-line")).to_have_count(1)
    expect(page.locator("#cart .message").filter(has_text="changed meanwhile")).to_have_count(0)
