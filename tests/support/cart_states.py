"""The states of the cart: each function brings a browser to one."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support import network
from tests.support.items import SHIPPED_CURRENCY, add_shipping_rates, change_item
from tests.support.pages import DECLINED_CARD, code_field
from tests.support.pay_here import CARD_NUMBER, EURO_ITEM, cart_of, open_form, press_pay, type_card
from tests.support.visit import Visit, buy_cart
from tests.support.words import said


def cart_empty(visit: Visit) -> None:
    visit.page.goto("/order")
    visit.expect_text("Your cart is empty.")


def cart_in_two_currencies(visit: Visit) -> None:
    cart_of(visit.page, 1, 8, EURO_ITEM)


def cart_with_lines_that_cannot_be_bought(visit: Visit) -> None:
    sold_out, too_few = visit.new_item(stock=2), visit.new_item(stock=2)
    cart_of(visit.page, 1, sold_out, too_few, too_few)
    change_item(visit.shop, sold_out, stock=0)
    change_item(visit.shop, too_few, stock=1)
    visit.page.reload()
    visit.expect_text("Not in the total")


def cart_with_a_wrong_quantity(visit: Visit) -> None:
    cart_of(visit.page, 1)
    visit.page.get_by_label(re.compile(f"^{said('Quantity:')}")).fill("1.5")
    visit.page.keyboard.press("Enter")
    visit.expect_text("must be a whole number")


def cart_with_a_wrong_code(visit: Visit) -> None:
    cart_of(visit.page, 1)
    code_field(visit.page).fill("WRONG")
    visit.press("Apply")
    visit.expect_text("doesn’t exist")


def cart_with_a_code(visit: Visit) -> None:
    cart_of(visit.page, 1, code="TEN")


def cart_after_a_changed_price(visit: Visit) -> None:
    item = visit.new_item()
    cart_of(visit.page, item)
    change_item(visit.shop, item, price=30)
    visit.press("Buy")
    visit.expect_text("Your cart has changed: the")


def cart_with_shipping_to_choose(visit: Visit) -> None:
    add_shipping_rates(visit.shop)
    cart_of(visit.page, visit.new_item(currency=SHIPPED_CURRENCY))
    visit.expect_text("Shipping to")


def cart_with_a_total_too_large(visit: Visit) -> None:
    cart_of(visit.page, visit.new_item(price=150000))
    visit.page.get_by_label(re.compile(f"^{said('Quantity:')}")).fill("7")
    visit.page.keyboard.press("Enter")
    visit.expect_text("An order can be at most")


def cart_of_which_a_part_was_paid(visit: Visit) -> None:
    visit.shop.local_stripe.deliver_events(False)
    paying = buy_cart(visit, 1)
    visit.shop.local_stripe.pay(paying)
    visit.shop.local_stripe.deliver_events(True)
    cart_of(visit.page, 3)
    visit.expect_text("A part of this cart was paid")


def cart_reserved(visit: Visit) -> None:
    buy_cart(visit, visit.new_item(stock=1))
    visit.page.goto("/order")
    visit.expect_text("Reserved for you")


def cart_after_a_lost_connection(visit: Visit) -> None:
    cart_of(visit.page, 1)
    visit.page.route(network.CHANGES, lambda route: route.abort())
    visit.page.get_by_role("button", name=re.compile(f"^{said('One more:')}")).click()
    visit.expect_text(network.UNREACHABLE)
    visit.press("Buy")
    expect(visit.page.locator("#buy-message-USD")).to_contain_text(said(network.UNREACHABLE))


def cart_with_pay_here_open(visit: Visit) -> None:
    cart_of(visit.page, 1)
    expect(open_form(visit.page).get_by_label(CARD_NUMBER)).to_be_visible()


def cart_with_a_declined_card(visit: Visit) -> None:
    cart_of(visit.page, 1)
    type_card(open_form(visit.page), DECLINED_CARD)
    press_pay(visit.page)
    expect(visit.page.get_by_text("declined")).to_be_visible()  # Stripe’s own text


STATES: list[Callable[[Visit], None]] = [
    cart_empty,
    cart_in_two_currencies,
    cart_with_lines_that_cannot_be_bought,
    cart_with_a_wrong_quantity,
    cart_with_a_wrong_code,
    cart_with_a_code,
    cart_after_a_changed_price,
    cart_with_shipping_to_choose,
    cart_with_a_total_too_large,
    cart_of_which_a_part_was_paid,
    cart_reserved,
    cart_after_a_lost_connection,
    cart_with_pay_here_open,
    cart_with_a_declined_card,
]
