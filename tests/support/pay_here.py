"""The form of "Pay here" in a real browser: Stripe's Payment Element within the shop's page."""

import re

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.support import pages
from tests.support.pages import code_field, put_in_cart
from tests.support.words import said

THREE_D_SECURE_CARD = "4000 0025 0000 3155"
EURO_ITEM = 4
CARD_NUMBER = re.compile("Card number|Номер карты")


def section(page: Page) -> Locator:
    return page.locator("[data-pay-here]")


def open_form(page: Page) -> FrameLocator:
    """Presses "Pay here" and types the e-mail address; returns the frame of Stripe's form."""
    here = section(page)
    here.get_by_role("button", name=re.compile(f"^{said('Pay here')}")).click()
    here.get_by_label(said("E-mail for")).fill("buyer@shop.example")
    return here.frame_locator("iframe[title='Secure payment input frame']")


def type_address(page: Page) -> None:
    """Fills in the Address Element of the form that is open."""
    form = section(page).frame_locator("iframe[title='Secure address input frame']")
    form.get_by_label("Address line 1").wait_for()
    pages.type_address(form)


def press_pay(page: Page) -> None:
    form = page.locator("[data-pay]:visible")
    _scroll_and_click(form.locator(".button:not([data-close])"))


def close_form(page: Page) -> None:
    _scroll_and_click(page.locator("[data-pay]:visible").get_by_role("button", name="Close"))
    expect(section(page).get_by_role("button", name=re.compile("^Pay here"))).to_be_focused()


def _scroll_and_click(button: Locator) -> None:
    """Chromium sends a click just after a scroll to the frame that was in this place before."""
    button.scroll_into_view_if_needed()
    button.page.evaluate(
        "new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100))"
    )
    button.click()


def type_card(form: FrameLocator, card: str) -> None:
    form.get_by_label(CARD_NUMBER).fill(card)
    form.get_by_label(re.compile("Expir|Срок")).fill("12 / 34")
    form.get_by_label(re.compile("CVC|Security code|Код")).fill("123")


def cart_of(page: Page, *items: int, code: str = "") -> None:
    put_in_cart(page, *items)
    page.goto("/order")
    if code:
        code_field(page).fill(code)
        page.get_by_role("button", name=said("Apply")).click()
        expect(page.locator("dd.discount")).to_be_visible()
