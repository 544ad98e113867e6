"""A browser at a shop, for tests that go through many states of the pages."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.support.pay_here import cart_of
from tests.support.shops import Shop
from tests.support.words import said


@dataclass(frozen=True)
class Visit:
    """A browser without cookies at a shop, and a function that makes items there."""

    page: Page
    shop: Shop
    new_item: Callable[..., int]

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=said(name), exact=True).click()

    def expect_text(self, text: str) -> None:
        expect(self.page.locator("main").get_by_text(said(text)).first).to_be_visible()


def buy_cart(visit: Visit, item: int) -> str:
    """Press Buy in a cart with one item; return the id of the session."""
    cart_of(visit.page, item)
    visit.press("Buy")
    visit.page.wait_for_url("**/c/pay/*")
    return session_id(visit.page.url)


def session_id(address: str) -> str:
    return address.rsplit("/", 1)[1].split("?")[0]


def token_of(visit: Visit, address: str) -> str:
    return visit.shop.local_stripe.token_of(session_id(address))
