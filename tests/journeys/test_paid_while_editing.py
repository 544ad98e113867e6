"""A buyer pays in one tab and changes the cart in another before the shop hears of the payment."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support import network
from tests.support.local_stripe import LocalStripe
from tests.support.pages import STRIPE, code_field, figures, put_in_cart
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

NUMBER = r"\w{4}-\w{4}"
NOTICE = re.compile(f"A part of this cart was paid with order {NUMBER}|Order {NUMBER} was paid")
ONE, TWO = "2389", "4778"  # the totals of one and of two mugs, with tax


@pytest.fixture
def local_stripe(shop: Shop) -> Iterator[LocalStripe]:
    """The shop's Stripe, which sends no events during the test."""
    shop.local_stripe.deliver_events(False)
    yield shop.local_stripe
    shop.local_stripe.fail(calls=0)
    shop.local_stripe.deliver_events(True)


@pytest.fixture
def other_tab(new_context: Callable[..., Any], local_stripe: LocalStripe) -> Page:
    """A tab with a cart of one mug that the buyer has just paid in a tab that is closed by now."""
    context: BrowserContext = new_context()
    paying, other = context.new_page(), context.new_page()
    put_in_cart(paying, 1)
    other.goto("/order")
    paying.goto("/order")
    paying.get_by_role("button", name="Buy").click()
    paying.wait_for_url("**/c/pay/*")
    local_stripe.pay(paying.url.rsplit("/", 1)[1].split("?")[0])
    paying.close()
    return other


def press_plus(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^One more")).click()


def apply_code(page: Page) -> None:
    code_field(page).fill("TEN")
    page.get_by_role("button", name="Apply").click()


def expect_notice(page: Page) -> None:
    """The cart names the order that was paid, and leads to its receipt."""
    expect(page.get_by_role("alert").filter(has_text=NOTICE)).to_be_visible()
    number = re.search(NUMBER, page.get_by_role("alert").filter(has_text=NOTICE).inner_text())
    page.get_by_role("link", name="See that order").click()
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    expect(page.locator("code")).to_have_text(number[0] if number else "")
    page.go_back()


@pytest.mark.parametrize("latency", [0, 300])
@pytest.mark.parametrize(("edit", "left"), [(press_plus, 1), (apply_code, 0)])
def test_the_paid_piece_is_out_of_the_cart(
    other_tab: Page, edit: Callable[[Page], None], left: int, latency: int
) -> None:
    network.delay(other_tab, latency)
    edit(other_tab)
    expect_notice(other_tab)
    expect(other_tab.locator(".cart-line")).to_have_count(left)
    expect(other_tab.get_by_role("button", name="Buy")).to_have_count(left)


def test_only_the_added_piece_is_in_the_cart(other_tab: Page) -> None:
    put_in_cart(other_tab, 1)
    other_tab.goto("/order")
    expect_notice(other_tab)
    expect(other_tab.get_by_label(re.compile("^Quantity"))).to_have_value("1")
    other_tab.get_by_role("button", name="Buy").click()
    other_tab.wait_for_url("**/c/pay/*")
    assert figures(other_tab, STRIPE)[-1] == ONE


@pytest.mark.parametrize("name", ["Buy", "Pay here"])
def test_an_outage_of_stripe_delays_the_news_until_buy(
    other_tab: Page, local_stripe: LocalStripe, name: str
) -> None:
    """Nothing is paid twice: the shop asks Stripe about the first order before the next one."""
    local_stripe.fail(path="/v1/", status=500, calls=99)
    press_plus(other_tab)
    expect(other_tab.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    expect(other_tab.locator("dd.total")).to_have_attribute("data-amount", TWO)
    button = other_tab.get_by_role("button", name=name, exact=True)
    button.click()
    expect(other_tab.locator(".message[id]:visible")).to_contain_text("can’t reach the payment")
    local_stripe.fail(calls=0)
    button.click()
    expect_notice(other_tab)
    expect(other_tab.get_by_label(re.compile("^Quantity"))).to_have_value("1")
    expect(other_tab.locator("dd.total")).to_have_attribute("data-amount", ONE)
    button.click()
    if name == "Buy":
        other_tab.wait_for_url("**/c/pay/*")
        assert figures(other_tab, STRIPE)[-1] == ONE
    else:
        expect(other_tab.get_by_role("button", name=re.compile(r"^Pay \$23.89"))).to_be_visible()


def test_an_outage_of_stripe_ends_without_a_second_payment_of_the_same_cart(
    other_tab: Page, local_stripe: LocalStripe
) -> None:
    local_stripe.fail(path="/v1/", status=500, calls=99)
    apply_code(other_tab)
    expect(other_tab.get_by_text("Discount TEN")).to_be_visible()
    local_stripe.fail(calls=0)
    other_tab.get_by_role("button", name="Buy").click()
    expect_notice(other_tab)
    expect(other_tab.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()
