"""Pages with text of twice the size on a phone, or with long words: nothing is cut off."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.items import SHIPPED_CURRENCY
from tests.support.pages import code_field, put_in_cart
from tests.support.screens import assert_fits
from tests.support.shops import Shop
from tests.support.visit import session_id
from tests.support.waiting import wait_until

LONG = "W" * 100
LONG_WORDS = f"""
from cart.models import Discount, ShippingRate, Tax
from store.models import Collection, Page, Shop
word = "{LONG}"
print(Shop.objects.get_or_create(pk=1)[0].name)
Shop.objects.update(name=word[:80])
Collection.objects.create(name=word, slug="long", description=word)
Page.objects.create(title=word, slug="long", text=word)
Tax.objects.create(display_name=word[:50], percentage=1)
Discount.objects.create(code=word[:40], percent=10)
for amount in (100, 200):
    ShippingRate.objects.create(
        currency="{SHIPPED_CURRENCY}", name=word, amount=amount, countries=["SE"]
    )
"""
NO_LONG_WORDS = f"""
from cart.models import Discount, ShippingRate, Tax
from store.models import Collection, Page, Shop
Collection.objects.filter(slug="long").delete()
Page.objects.filter(slug="long").delete()
Tax.objects.filter(display_name__startswith="WWW").update(is_active=False)
Discount.objects.filter(code__startswith="WWW").update(is_active=False)
ShippingRate.objects.filter(name="{LONG}").update(is_active=False)
"""

LEFT_OF_TEXT = """(element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getBoundingClientRect().left;
}"""

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


@pytest.mark.parametrize("javascript", [True, False])
def test_header_cart_and_item_hold_at_twice_the_text_size(
    new_context: Callable[..., Any], new_item: Callable[..., int], javascript: bool
) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    put_in_cart(page, 1)
    dear = new_item(price=99999)
    put_in_cart(page, dear)
    page.goto("/order")
    code_field(page).fill("ten")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    for path in ("/order", f"/item/{dear}", "/"):
        page.goto(path)
        for width in (320, 360):
            assert_fits(page, width, text_size="200%")
            skip_link = page.locator(".skip-link").bounding_box()
            assert skip_link
            assert skip_link["y"] + skip_link["height"] <= 0
            if path.startswith("/item"):
                bar = page.locator(".add-bar").bounding_box()
                assert bar
                assert bar["height"] <= 160  # --bar, which the page keeps free
            elif path == "/":
                currencies = page.locator(".filter").bounding_box()
                assert currencies
                assert currencies["width"] >= 0.8 * width
            else:
                remove = page.locator(".cart-line .link").first.evaluate(LEFT_OF_TEXT)
                stepper = page.locator(".cart-line .stepper").first.bounding_box()
                assert stepper
                assert abs(remove - stepper["x"]) < 2  # it is below


@pytest.fixture
def long_words(shop: Shop) -> Iterator[None]:
    """The longest words that fit into what a merchant can name."""
    name = shop.run_python(LONG_WORDS)
    yield
    shop.run_python(f"{NO_LONG_WORDS}\nShop.objects.update(name={name!r})")


def test_long_words_of_a_merchant_are_broken(
    new_context: Callable[..., Any], new_item: Callable[..., int], long_words: None, shop: Shop
) -> None:
    page = new_context().new_page()
    item = new_item(name=LONG, currency=SHIPPED_CURRENCY)
    put_in_cart(page, item)
    page.goto("/order")
    code_field(page).fill(LONG[:40])
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("dd.discount")).to_be_visible()
    page.get_by_role("button", name="Buy", exact=True).click()
    page.wait_for_url("**/c/pay/*")
    receipt = f"/order/{shop.local_stripe.token_of(session_id(page.url))}"

    def are_shown() -> bool:
        page.goto("/?collection=long")
        return bool(page.locator("header, footer").get_by_text(LONG).count() == 2)

    wait_until(are_shown)  # a process reads what is on every page after seconds
    for path in ("/?collection=long", "/?q=W", f"/item/{item}", "/order", receipt, "/pages/long"):
        page.goto(path)
        expect(page.locator("main").get_by_text(LONG[:40]).first).to_be_visible()
        for width in (320, 1280):
            assert_fits(page, width)
