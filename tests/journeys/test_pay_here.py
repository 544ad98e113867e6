"""Paying within the shop's page, in a real browser, through Stripe's Payment Element."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.support.pages import (
    DECLINED_CARD,
    GOOD_CARD,
    SHOP,
    add,
    assert_accessible,
    expect_paid_receipt,
    figures,
    pay,
)
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

THREE_D_SECURE_CARD = "4000 0025 0000 3155"
ARRIVES = "DE89 3704 0044 0532 0130 00"
FAILS = "DE62 3704 0044 0532 0130 01"
EURO_ITEM = 4


def section(page: Page) -> Locator:
    return page.locator("[data-pay-here]")


def open_form(page: Page) -> FrameLocator:
    """Presses "Pay here" and types the e-mail address; Stripe's own form, in its frame."""
    here = section(page)
    here.get_by_role("button", name=re.compile("^Pay here")).click()
    here.get_by_label("E-mail").fill("buyer@shop.example")
    return here.frame_locator("iframe")


def press_pay(page: Page) -> None:
    page.locator("[data-pay]:visible").get_by_role("button", name=re.compile("^Pay [$€]")).click()


def type_card(form: FrameLocator, card: str) -> None:
    form.get_by_label("Card number").fill(card)
    form.get_by_label(re.compile("Expir")).fill("12 / 34")
    form.get_by_label(re.compile("CVC|Security code")).fill("123")


def cart_of(page: Page, *items: int, code: str = "") -> None:
    for item in items:
        add(page, item)
    page.goto("/order")
    if code:
        page.get_by_label("Discount code").fill(code)
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_text(f"Discount {code}")).to_be_visible()


def test_an_order_with_discount_and_taxes_by_a_card_that_asks_and_after_a_decline(
    page: Page, shop: Shop
) -> None:
    cart_of(page, 1, 3, code="TEN")
    shown = figures(page, SHOP)
    assert len(shown) == 5  # subtotal, discount, a tax that is added, one that is contained, total
    form = open_form(page)
    type_card(form, DECLINED_CARD)
    press_pay(page)
    expect(section(page).get_by_role("alert")).to_contain_text("declined")
    type_card(form, THREE_D_SECURE_CARD)
    press_pay(page)
    page.get_by_role("button", name=re.compile("Complete")).click()
    expect_paid_receipt(page, shop)
    assert figures(page, SHOP) == shown
    expect(page.locator("#cart-badge .count")).to_have_count(0)


def test_a_refusal_of_the_banks_own_page_leads_back_to_pay_again(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    type_card(open_form(page), THREE_D_SECURE_CARD)
    press_pay(page)
    page.get_by_role("button", name=re.compile("Fail")).click()
    page.wait_for_url("**/order?payment=failed")
    expect(page.get_by_role("alert").first).to_contain_text("did not go through")
    type_card(open_form(page), GOOD_CARD)
    press_pay(page)
    expect_paid_receipt(page, shop)


@pytest.mark.parametrize(
    ("iban", "heading"),
    [(ARRIVES, "Thank you for your order"), (FAILS, "This order was not paid")],
)
def test_a_delayed_payment_waits_and_then_arrives_or_fails(
    page: Page, shop: Shop, iban: str, heading: str
) -> None:
    stock = f"from store.models import Item; i = Item.objects.filter(pk={EURO_ITEM})"
    shop.run_python(f"{stock}; i.update(stock=5)")
    shop.local_stripe.configure(delayed_seconds=None)
    page.goto(f"/item/{EURO_ITEM}")
    form = open_form(page)
    form.get_by_label(re.compile("SEPA")).check()
    form.get_by_label("IBAN").fill(iban)
    press_pay(page)
    expect(page.get_by_role("heading", name="Your payment is on its way")).to_be_visible()
    assert shop.run_python(f"{stock}; print(i.get().stock)") == "4"
    waiting = next(i for i in shop.local_stripe.intents() if i["status"] == "processing")
    shop.local_stripe.finish_delayed(waiting["id"])
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    if iban == FAILS:
        expect(page.get_by_text("nothing was charged")).to_be_visible()
    left = "4" if iban == ARRIVES else "5"
    assert shop.run_python(f"{stock}; print(i.get().stock); i.update(stock=None)") == left


def test_dollars_and_euros_from_one_cart_each_with_its_own_pair(page: Page, shop: Shop) -> None:
    cart_of(page, 1, EURO_ITEM)
    for currency, account in (("USD", "minicart"), ("EUR", "minieuro")):
        with page.expect_response("**/order/intent") as asked:
            name = f"Pay here ({currency})" if currency == "USD" else "Pay here"
            page.get_by_role("button", name=name).click()
        assert asked.value.json()["publishable_key"] == f"pk_test_{account}"
        page.get_by_label("E-mail").locator("visible=true").fill("buyer@shop.example")
        type_card(page.locator("[data-pay]:visible").frame_locator("iframe"), GOOD_CARD)
        press_pay(page)
        expect_paid_receipt(page, shop)
        page.goto("/order")
    expect(page.locator("#cart").get_by_text("Your cart is empty.")).to_be_visible()


def change_the_other_order(page: Page, way: str) -> None:
    """Changes the order in euros, or takes it out, and waits until the cart says so."""
    euros = page.get_by_role("region", name="Cart in EUR")
    if way == "quantity":
        euros.get_by_role("button", name=re.compile("^One more")).click()
        expect(euros.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    elif way == "code":
        euros.get_by_label("Discount code").fill("TEN")
        euros.get_by_role("button", name="Apply").click()
        expect(euros.get_by_text("Discount TEN")).to_be_visible()
    else:
        euros.get_by_role("button", name=re.compile("^Remove")).click()
        expect(euros).to_have_count(0)


@pytest.mark.parametrize("way", ["quantity", "code", "removal"])
def test_a_change_in_one_currency_leaves_the_others_open_form_alone(
    page: Page, shop: Shop, way: str
) -> None:
    cart_of(page, 1, EURO_ITEM)
    dollars = page.get_by_role("region", name="Cart in USD")
    dollars.get_by_role("button", name="Pay here").click()
    dollars.get_by_label("E-mail").fill("buyer@shop.example")
    type_card(dollars.frame_locator("iframe"), GOOD_CARD)
    change_the_other_order(page, way)
    expect(dollars.get_by_label("E-mail")).to_have_value("buyer@shop.example")
    press_pay(page)
    expect_paid_receipt(page, shop)


def test_a_change_of_the_order_itself_closes_its_form(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    open_form(page)
    page.get_by_role("button", name=re.compile("^One more")).click()
    expect(section(page).get_by_role("button", name="Pay here")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    type_card(open_form(page), GOOD_CARD)
    press_pay(page)
    expect_paid_receipt(page, shop)
    expect(page.locator("table.lines tbody td").first).to_have_text("2")


def test_checkout_begun_then_paid_here_is_one_payment(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    session_id = page.url.rsplit("/", 1)[1].split("?")[0]
    page.goto("/order")
    type_card(open_form(page), GOOD_CARD)
    press_pay(page)
    expect_paid_receipt(page, shop)
    key = shop.local_stripe.key_of(session_id)
    assert shop.local_stripe.session(session_id, key)["status"] == "expired"


def test_begun_here_then_paid_at_checkout_cancels_the_intent(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    with page.expect_response("**/order/intent") as asked:
        open_form(page)
    intent_id = asked.value.json()["client_secret"].split("_secret_")[0]
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    pay(page)
    expect_paid_receipt(page, shop)
    assert shop.local_stripe.intent(intent_id)["status"] == "canceled"


def test_both_ways_in_two_tabs_are_one_payment(new_context: Callable[..., Any], shop: Shop) -> None:
    context = new_context()
    here, checkout = context.new_page(), context.new_page()
    cart_of(here, 1)
    type_card(open_form(here), GOOD_CARD)
    checkout.goto("/order")
    checkout.get_by_role("button", name="Buy").click()
    checkout.wait_for_url("**/c/pay/*")
    press_pay(here)
    expect(section(here).get_by_role("alert")).to_contain_text("nothing was charged")
    pay(checkout)
    expect_paid_receipt(checkout, shop)


def test_stripes_script_comes_only_when_pay_here_is_pressed(page: Page, shop: Shop) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/item/1")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(shop.address) for url in asked)
    open_form(page)
    assert any(url.endswith("/v3/") for url in asked)


def test_a_blocked_script_is_said_and_the_next_press_tries_again(page: Page) -> None:
    page.route("**/v3/", lambda route: route.abort())
    page.goto("/item/1")
    button = section(page).get_by_role("button", name="Pay here")
    button.click()
    expect(section(page).get_by_role("alert")).to_contain_text("Allow js.stripe.com")
    page.unroute("**/v3/")
    button.click()
    expect(section(page).get_by_label("E-mail")).to_be_focused()


def test_a_changed_amount_is_said_before_anything_is_paid(page: Page, shop: Shop) -> None:
    page.goto("/item/21")
    shop.run_python("from store.models import Item; Item.objects.filter(pk=21).update(price=77)")
    section(page).get_by_role("button", name="Pay here").click()
    expect(section(page).get_by_role("alert")).to_contain_text("The amount has changed")


def test_the_keyboard_opens_closes_and_pays(page: Page, shop: Shop) -> None:
    page.goto("/item/1")
    section(page).get_by_role("button", name="Pay here").focus()
    page.keyboard.press("Enter")
    expect(section(page).get_by_label("E-mail")).to_be_focused()
    section(page).get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(section(page).get_by_role("button", name="Pay here")).to_be_focused()
    page.keyboard.press("Enter")
    expect(section(page).get_by_label("E-mail")).to_be_focused()
    page.keyboard.type("buyer@shop.example")
    form = section(page).frame_locator("iframe")
    expect(form.get_by_label("Card number")).to_be_visible()
    type_card(form, GOOD_CARD)
    section(page).get_by_role("button", name=re.compile(r"^Pay \$")).focus()
    page.keyboard.press("Enter")
    expect_paid_receipt(page, shop)


def test_without_scripts_buy_is_there_and_pay_here_is_not(plain_page: Page) -> None:
    plain_page.goto("/item/1")
    expect(plain_page.get_by_role("button", name="Buy")).to_be_visible()
    expect(plain_page.get_by_role("button", name="Pay here")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_form(new_context: Callable[..., Any], scheme: str) -> None:
    page = new_context(color_scheme=scheme, bypass_csp=True).new_page()
    page.goto("/item/1")
    form = open_form(page)
    expect(form.get_by_label("Card number")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_the_open_form_is_not_wider_than_the_screen(
    new_context: Callable[..., Any], width: int
) -> None:
    page = new_context(viewport={"width": width, "height": 700}).new_page()
    page.goto("/item/1")
    form = open_form(page)
    expect(form.get_by_label("Card number")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
