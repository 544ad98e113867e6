"""A member of staff refunds pieces of an order in the admin."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.items import stock_of
from tests.support.screens import assert_fits
from tests.support.shops import Shop
from tests.support.staff import paid_order


def test_staff_refund_one_of_four_pieces_without_javascript(
    plain_page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    item = new_item(name="Copper bell", price=16, stock=4)
    page = plain_page
    order_page = paid_order(page, shop, item, quantity=4)
    page.goto(order_page)
    page.set_viewport_size({"width": 1280, "height": 720})
    link = page.get_by_role("link", name="Refund…").first
    expect(link).to_be_in_viewport()
    link.click()
    page.get_by_label("4 × Copper bell").fill("1")
    page.get_by_role("button", name="Refund", exact=True).click()
    amount = page.get_by_label("Amount")
    expect(amount).to_be_focused()
    assert float(amount.input_value()) >= 16
    assert_fits(page, 360)
    assert stock_of(shop, item) == "0"
    page.get_by_role("button", name="Refund", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was refunded")
    assert stock_of(shop, item) == "1"


def test_enter_in_the_amount_refunds_it(
    plain_page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    """And doesn't press the button above it, which proposes an amount."""
    item = new_item(name="Tin bell", price=16, stock=1)
    page = plain_page
    page.goto(paid_order(page, shop, item, quantity=1))
    page.get_by_role("link", name="Refund…").first.click()
    page.get_by_label("Amount").fill("3.50")
    page.get_by_label("Amount").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("3.50 was refunded")
    assert stock_of(shop, item) == "0"
