"""A member of staff sends a paid order: marks it as shipped and prints its documents."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.screens import assert_fits
from tests.support.shops import Shop
from tests.support.staff import paid_order

# Chromium writes one such object for each page of a PDF.
PAGE_OF_PDF = re.compile(rb"/Type\s*/Page\b(?!s)")


def to_ship(page: Page, shop: Shop, item: int) -> str:
    """The address of the page of a paid order that has to be sent."""
    order_page = paid_order(page, shop, item, quantity=2)
    shop.run_python(
        "from cart.models import Order, ShippingAddress;"
        f"order = Order.objects.filter(lines__item={item}).latest('pk');"
        "Order.objects.filter(pk=order.pk).update(buyer_name='Ada Byron');"
        "ShippingAddress.objects.update_or_create(order=order, defaults={"
        "'name': 'Ada Byron', 'line1': '1 High Street', 'postal_code': 'E1 6AN',"
        "'city': 'London', 'country': 'GB'})"
    )
    return order_page


def test_staff_mark_an_order_as_shipped_without_javascript(
    plain_page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    page = plain_page
    page.goto(to_ship(page, shop, new_item(name=f"Brass bell {'W' * 100}", price=16)))
    expect(page.get_by_text("1 High Street")).to_be_visible()
    page.get_by_label("New note").fill("It is a gift.")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".staff-note")).to_contain_text("It is a gift.")
    page.get_by_role("link", name="Mark as shipped…").click()
    page.get_by_label("Tracking number").fill("LD 12")
    page.get_by_label("Tracking link").fill("https://carrier.example/LD12")
    expect(page.get_by_label("Send the buyer a mail")).to_be_checked()
    assert_fits(page, 360)
    page.get_by_role("button", name="Mark as shipped").click()
    expect(page.locator(".messagelist")).to_contain_text("The order is marked as shipped.")
    assert_fits(page, 360)
    address = page.url
    page.goto("/admin/cart/order/")
    assert_fits(page, 360)
    tasks, total = page.get_by_role("link", name="To ship ("), page.locator("td.field-total").first
    assert tasks.bounding_box()["y"] < total.bounding_box()["y"] < 640  # type: ignore[index]
    page.set_viewport_size({"width": 1280, "height": 700})
    results = page.locator(".results")
    assert results.evaluate("each => each.scrollWidth <= each.clientWidth")
    page.goto(address)
    page.get_by_role("link", name="View on site").click()
    link = page.get_by_role("link", name="Follow the parcel")
    expect(link).to_have_attribute("href", "https://carrier.example/LD12")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_documents_fit_on_paper(
    page: Page, plain_page: Page, shop: Shop, new_item: Callable[..., int], paper: str
) -> None:
    order_page = to_ship(plain_page, shop, new_item(name=f"Brass bell for {paper}", price=16))
    page.context.add_cookies(plain_page.context.cookies())  # type: ignore[arg-type]
    page.goto(order_page)
    page.get_by_role("link", name="Print…").click()
    expect(page.get_by_role("heading", name="Packing slip")).to_be_visible()
    expect(page.get_by_text("1 High Street")).to_be_visible()
    assert len(PAGE_OF_PDF.findall(page.pdf(format=paper))) == 1
    page.get_by_role("link", name="Invoices").click()
    expect(page.get_by_role("heading", name="Invoice")).to_be_visible()
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")
    assert_fits(page, 360)
    # A row many times, as in a long order: its end is on a second page, and nothing is cut off.
    page.evaluate("""() => {
      const row = document.querySelector("tbody tr");
      for (let count = 0; count < 32; count++) row.after(row.cloneNode(true));
    }""")
    assert len(PAGE_OF_PDF.findall(page.pdf(format=paper))) == 2
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    assert_fits(page, {"A4": 680, "Letter": 703}[paper])  # the paper without its margins
