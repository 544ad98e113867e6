"""The merchant names the shop, closes it and opens it again, while a buyer looks at it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.pages import assert_accessible, assert_accessible_in_both_schemes
from tests.support.screens import assert_fits, assert_tab_reaches_everything
from tests.support.shops import Shop
from tests.support.staff import log_in

CLOSED = "The shop is closed at the moment: nothing can be bought."
LOGO = Path(__file__).resolve().parents[2] / "store/sample_catalogue/pictures/stoneware-mug.webp"
FORM = {
    "Name": "Mug & Co",
    "One sentence": "Mugs from Berlin, thrown by hand.",
    "Accent colour": "#ff9900",
    "Contact e-mail": "hello-from-the-potters-of-mug-and-company@mug-and-company.example",
    "Phone": "+49 30 1234567",
    "Postal address": "Mug & Co GmbH\nTopfstraße 1\n10115 Berlin",
    "Tax ID": "DE123456789",
    "Notice": "We are on holiday until Monday. Orders are sent after that.",
}


@pytest.fixture
def merchant(page: Page, shop: Shop) -> Iterator[Page]:
    """Staff in the admin. Afterwards the shop has its defaults again."""
    log_in(page, shop)
    yield page
    shop.run_python("from store.models import Shop; Shop.objects.all().delete()")
    page.goto("/admin/")  # its process reads the shop again


@pytest.fixture
def buyer(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(bypass_csp=True, reduced_motion="reduce").new_page()


def fill_in_form(merchant: Page) -> None:
    merchant.goto("/admin/")
    merchant.get_by_role("link", name="Shop", exact=True).first.click()
    for label, value in FORM.items():
        merchant.get_by_label(label, exact=True).or_(merchant.get_by_label(f"{label}:")).fill(value)
    merchant.locator("#id_logo").set_input_files(LOGO)
    merchant.get_by_label("Country").select_option("DE")
    merchant.get_by_role("button", name="Save", exact=True).click()
    expect(merchant.locator(".messagelist")).to_contain_text("was changed successfully")


@pytest.mark.parametrize("language", ["English", "Русский"])
def test_the_shops_own_pages_are_accessible(merchant: Page, buyer: Page, language: str) -> None:
    fill_in_form(merchant)
    buyer.goto("/pages/privacy")
    if language != "English":
        buyer.get_by_role("button", name=language).click()
    expect(buyer.get_by_text(language, exact=True)).to_have_attribute("aria-current", "true")
    expect(buyer).to_have_title("Privacy · Mug & Co")  # a page has one language
    expect(buyer.get_by_role("note")).to_have_text(FORM["Notice"])
    accent = "getComputedStyle(document.documentElement).getPropertyValue('--accent')"
    assert buyer.evaluate(accent) not in ("", "#1f5c4d", "var(--moss)")
    for address in ("/pages/shipping-and-returns", "/"):
        buyer.goto(address)
        assert_accessible_in_both_schemes(buyer)
        assert_tab_reaches_everything(buyer)
        assert_fits(buyer, 320)
        assert_fits(buyer, 360, text_size="200%")


def test_one_click_closes_the_shop(merchant: Page, buyer: Page) -> None:
    buyer.goto("/item/1")
    other_tab = buyer.context.new_page()
    other_tab.goto("/item/1")
    merchant.goto("/admin/")
    merchant.get_by_role("button", name="Close the shop").click()
    expect(merchant.get_by_text("The shop is closed.")).to_be_visible()

    buyer.get_by_role("button", name="Add to cart").click()
    expect(buyer.locator("main").get_by_text(CLOSED)).to_be_visible()
    assert buyer.evaluate("document.activeElement !== document.body")
    other_tab.get_by_role("button", name="Buy").click()
    expect(other_tab.locator("main").get_by_text(CLOSED)).to_be_focused()
    expect(other_tab.locator("main").get_by_role("button")).to_have_count(0)
    for address in ("/", "/item/1"):
        buyer.goto(address)
        expect(buyer.locator("main").get_by_text(CLOSED)).to_be_visible()
        assert_accessible(buyer)

    merchant.get_by_role("button", name="Open the shop").click()
    expect(merchant.get_by_text("The shop is open.")).to_be_visible()
    buyer.goto("/item/1")
    expect(buyer.get_by_role("button", name="Buy")).to_be_enabled()


def test_the_language_is_chosen_without_javascript(plain_page: Page) -> None:
    plain_page.goto("/item/1")
    plain_page.get_by_role("button", name="Русский").click()
    expect(plain_page.get_by_role("button", name="Купить")).to_be_visible()
    plain_page.get_by_role("button", name="English").click()
    expect(plain_page.get_by_role("button", name="Buy")).to_be_visible()
