"""An order that is sent: the buyer types the address at Stripe, in the country that was frozen."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import (
    GOOD_CARD,
    assert_accessible,
    expect_paid_receipt,
    figures,
    pay,
    press_buy,
)
from tests.support.pay_here import (
    close_form,
    open_form,
    press_pay,
    section,
    type_address,
    type_card,
)
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")
SHIPPING = ("dd.subtotal", "dd.shipping", "dd.total")


@pytest.fixture
def mug(shop: Shop, new_item: Callable[..., int]) -> int:
    """An item in a currency of its own, whose orders are sent to Germany only."""
    shop.run_python(
        "from cart.models import ShippingRate;"
        "ShippingRate.objects.get_or_create("
        "currency='GBP', name='Parcel', amount=490, countries=['DE'])"
    )
    return new_item(currency="GBP", price="10.00")


def kept_address(shop: Shop) -> str:
    """Where the last order is sent."""
    return shop.run_python(
        "from cart.models import ShippingAddress; kept = ShippingAddress.objects.latest('pk');"
        "print(kept.name, kept.line1, kept.postal_code, kept.city, kept.country, sep='; ')"
    ).strip()


@pytest.mark.parametrize("javascript", [True, False])
def test_at_checkout(new_context: Any, shop: Shop, mug: int, javascript: bool) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    press_buy(page, item=mug)
    countries = page.get_by_label("Country or region").locator("option")
    expect(countries).to_have_text(["Germany"])
    pay(page)
    expect_paid_receipt(page, shop)
    assert figures(page, SHIPPING) == ["1000", "490", "1781"]
    assert kept_address(shop) == "Ada Buyer; 1 Main Street; 12345; Springfield; DE"


def test_in_the_form_of_pay_here(page: Page, shop: Shop, mug: int) -> None:
    page.goto(f"/item/{mug}")
    open_form(page)
    address = section(page).frame_locator("iframe[title='Secure address input frame']")
    expect(address.get_by_label("Country or region").locator("option")).to_have_text(["Germany"])
    assert_accessible(page)
    close_form(page)
    expect(page.locator("iframe")).to_have_count(0)
    form = open_form(page)
    type_card(form, GOOD_CARD)
    press_pay(page)
    expect(address.get_by_text("incomplete").first).to_be_visible()
    type_address(page)
    press_pay(page)
    expect_paid_receipt(page, shop)
    assert figures(page, SHIPPING) == ["1000", "490", "1781"]
    assert kept_address(shop) == "Ada Buyer; 1 Main Street; 12345; Springfield; DE"


def test_a_digital_item_asks_for_no_address(
    page: Page, shop: Shop, mug: int, new_item: Callable[..., int]
) -> None:
    song = new_item(currency="GBP", price="10.00", needs_shipping=False)
    page.goto(f"/item/{song}")
    type_card(open_form(page), GOOD_CARD)
    expect(section(page).locator("iframe")).to_have_count(1)
    press_pay(page)
    expect_paid_receipt(page, shop)
    assert figures(page, SHIPPING) == ["1000", "1195"]
    press_buy(page, item=song)
    expect(page.get_by_label("Address line 1")).to_have_count(0)
