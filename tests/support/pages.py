"""What a buyer does and sees in the shop's and Stripe's pages, in a real browser."""

import re
from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.support.shops import Shop
from tests.support.words import said

GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"
# Where each page shows its subtotal, discount, taxes and total.
SHOP = ("dd.subtotal", "dd.discount", "dd.tax", "dd.total")
WITH_SHIPPING = ("dd.subtotal", "dd.discount", "dd.shipping", "dd.tax", "dd.total")
STRIPE = ("#subtotal", "#discount", ".tax", "#total")


def add(page: Page, item: int) -> None:
    page.goto(f"/item/{item}")
    page.get_by_role("button", name=said("Add to cart")).click()
    expect(page.locator(".toast, .cart-line").first).to_be_visible()


def put_in_cart(page: Page, *items: int) -> None:
    """Add the items as the browser's form does, but without a page: adding isn't tested there."""
    for item in items:
        answer = page.request.post(
            "/order/lines",
            form={"item": item},
            headers={"Sec-Fetch-Site": "same-origin"},
            max_redirects=0,
        )
        assert answer.status == 303, answer.text()


def code_field(part: Page | Locator) -> Locator:
    """The field for a discount code in the cart, unfolded."""
    if part.locator(".code details:not([open])").count():
        part.locator(".code summary").click()
    return part.get_by_label(said("Discount code"))


def press_buy(page: Page, item: int = 1) -> str:
    """Goes to the item and presses Buy; the address of the card page."""
    page.goto(f"/item/{item}")
    page.get_by_role("button", name=said("Buy")).click()
    page.wait_for_url("**/c/pay/cs_test_*")
    return page.url


# What a buyer types into Stripe's forms for addresses, by the label of the field.
ADDRESS = {
    "Full name": "Ada Buyer",
    "Address line 1": "1 Main Street",
    "City": "Springfield",
    "Postal code": "12345",
    "State or province": "CA",
    "Phone number": "+15555550123",
}


def type_address(form: Page | FrameLocator, address: Mapping[str, str] = ADDRESS) -> None:
    """Fills in the fields that Stripe's page or Address Element has; leaves the country alone."""
    for label, text in address.items():
        for field in form.get_by_label(label).all():
            field.fill(text)


def pay(page: Page, card: str = GOOD_CARD, address: Mapping[str, str] = ADDRESS) -> None:
    """Pays on Stripe's page, with an address if it asks for one."""
    page.get_by_label("Email").fill("buyer@shop.example")
    type_address(page, address)
    page.get_by_label("Card number").fill(card)
    page.get_by_role("button", name=re.compile("^Pay")).click()


def expect_paid_receipt(page: Page, shop: Shop) -> None:
    page.wait_for_url(re.compile(re.escape(shop.address) + r"/order/[\w-]{32}$"))
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()


def figures(page: Page | Locator, places: tuple[str, ...]) -> list[str]:
    """The amounts that a page shows, in minor units: subtotal, discount, taxes, total."""
    return [
        each.get_attribute("data-amount") or ""
        for place in places
        for each in page.locator(place).all()
    ]


def assert_accessible(page: Page, *, only_colors: bool = False) -> None:
    """Run axe. All but its rules about colors find the same in both color schemes."""
    rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if only_colors else {}
    results = Axe().run(page, options={"resultTypes": ["violations"], **rules})
    assert results.violations_count == 0, results.generate_report()


def assert_accessible_in_both_schemes(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page, only_colors=True)
