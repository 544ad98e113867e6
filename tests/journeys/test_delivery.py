"""An order that is sent: cart, payment, mails, shipped, refund; the same figures everywhere."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.mailbox import both_texts, mail_of
from tests.support.pages import (
    ADDRESS,
    GOOD_CARD,
    STRIPE,
    WITH_SHIPPING,
    code_field,
    expect_paid_receipt,
    figures,
    pay,
    press_buy,
    put_in_cart,
)
from tests.support.pay_here import open_form, press_pay, section, type_address, type_card
from tests.support.shops import Shop
from tests.support.staff import log_in

pytestmark = pytest.mark.usefixtures("discounts_and_taxes", "shipping_rates")

BUYER = "buyer@shop.example"
# Stripe asks for the phone number only in shops that want it.
GOES_TO = [text for label, text in ADDRESS.items() if label != "Phone number"] + ["Germany"]
CURRENCY = "CHF"  # of no other test: in other currencies nothing has to be paid for shipping
RATES = """
from cart.models import ShippingRate
for name, amount, countries in [("Parcel", 700, ["CH"]), ("Parcel abroad", 1490, ["DE", "FR"])]:
    ShippingRate.objects.get_or_create(
        name=name, currency="CHF", amount=amount, countries=countries, delivery_time="3 days"
    )
"""
TRACKING_LINK = "https://carrier.example/follow?parcel=AB-12"


@pytest.fixture(scope="session")
def shipping_rates(shop: Shop) -> None:
    shop.run_python(RATES)


@pytest.fixture
def items(new_item: Callable[..., int]) -> list[int]:
    kettle = new_item(name="Copper kettle", price=64, currency=CURRENCY)
    return [kettle, new_item(name="Glass cup", price="12.50", currency=CURRENCY)]


@pytest.mark.parametrize("javascript", [True, False])
def test_pays_at_checkout_and_gets_the_parcel(
    new_context: Callable[..., Any], shop: Shop, items: list[int], javascript: bool
) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    shown = fill_cart_for_germany(page, items, has_scripts=javascript)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    assert figures_at_stripe(page) == shown
    assert countries_of(page.get_by_label("Country or region")) == ["Germany"]
    pay(page)
    deliver_and_refund(page, shop, shown)


def test_pays_here_and_gets_the_parcel(page: Page, shop: Shop, items: list[int]) -> None:
    shown = fill_cart_for_germany(page, items, has_scripts=True)
    form = open_form(page)
    type_address(page)
    address = section(page).frame_locator("iframe[title='Secure address input frame']")
    assert countries_of(address.get_by_label("Country or region")) == ["Germany"]
    type_card(form, GOOD_CARD)
    press_pay(page)
    deliver_and_refund(page, shop, shown)


def test_buys_a_physical_item_with_one_click(page: Page, shop: Shop, items: list[int]) -> None:
    page.goto(f"/item/{items[0]}")
    expect(page.locator("#item-total")).to_contain_text("7.00 shipping to Switzerland")
    total = page.locator("#item-total").get_attribute("data-amount")
    press_buy(page, items[0])
    assert countries_of(page.get_by_label("Country or region")) == ["Switzerland"]
    pay(page)
    expect_paid_receipt(page, shop)
    expect(page.locator("dd.shipping")).to_have_attribute("data-amount", "700")
    expect(page.locator("dd.total")).to_have_attribute("data-amount", str(total))
    expect(page.get_by_text(f"Goes to: {ADDRESS['City']}.")).to_be_visible()


def test_buys_a_digital_item_with_one_click(
    plain_page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    page = plain_page
    press_buy(page, new_item(name="E-book", price=9, currency=CURRENCY, needs_shipping=False))
    expect(page.get_by_label("Email")).to_be_visible()
    expect(page.get_by_label("Address line 1")).to_have_count(0)
    pay(page)
    expect_paid_receipt(page, shop)
    expect(page.get_by_text("Nothing is sent by post.")).to_be_visible()
    expect(page.locator("dd.shipping")).to_have_count(0)


def fill_cart_for_germany(page: Page, items: list[int], *, has_scripts: bool) -> list[str]:
    """One kettle and two cups with a discount; returns the figures that the cart shows."""
    kettle, cup = items
    for item in (kettle, cup, cup):
        put_in_cart(page, item)
    page.goto("/order")
    code_field(page).fill("TEN")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    expect(page.get_by_text("Shipping to Switzerland")).to_be_visible()
    page.get_by_label("Ship to").select_option("Germany")
    if not has_scripts:
        page.locator(f"#update-shipping-{CURRENCY}").click()
    expect(page.locator(".totals").get_by_text("Shipping to Germany")).to_be_visible()
    shown = figures(page, WITH_SHIPPING)
    # Subtotal, discount, shipping, exclusive and inclusive tax, total.
    assert shown[:3] == ["8900", "890", "1490"]
    assert len(shown) == 6
    return shown


def figures_at_stripe(page: Page) -> list[str]:
    """As the shop shows them: at Stripe, shipping is the last line and part of the subtotal."""
    shipping = page.locator(".lines .amount").last.get_attribute("data-amount") or ""
    subtotal, *others = figures(page, STRIPE)
    place = 1 if page.locator("#discount").count() else 0
    return [str(int(subtotal) - int(shipping)), *others[:place], shipping, *others[place:]]


def countries_of(select: Locator) -> list[str]:
    return select.locator("option").all_inner_texts()


def deliver_and_refund(page: Page, shop: Shop, shown: list[str]) -> None:
    """Follow a paid order to the credit note."""
    expect_paid_receipt(page, shop)
    assert figures(page, WITH_SHIPPING) == shown
    receipt, number = page.url, page.locator(".hint code").inner_text()
    amounts = [one_line(each.inner_text()) for each in page.locator(".totals dd").all()]
    check_mails_about_payment(shop, number, amounts, receipt)

    log_in(page, shop)
    page.goto(f"/admin/cart/order/?q={number}")
    page.locator("#result_list tbody th a").first.click()
    summary = page.locator(".order-summary")
    for text in [*GOES_TO, BUYER, *amounts]:
        expect(summary).to_contain_text(text)
    mark_shipped(page, shop, number)
    refunded = refund_one_cup(page)
    check_documents(page, shown, refunded)

    mail = mail_of(shop, f"We refunded {refunded} of order {number}")
    assert mail["To"] == BUYER
    for text in both_texts(mail):
        assert "1 × Glass cup" in text
        assert receipt in text
    page.goto(receipt)
    expect(page.get_by_text("We sent your order on")).to_be_visible()
    link = page.get_by_role("link", name="Follow the parcel")
    expect(link).to_have_attribute("href", TRACKING_LINK)
    expect(page.locator("main")).to_contain_text(f"We refunded {refunded}.")


def check_mails_about_payment(shop: Shop, number: str, amounts: list[str], receipt: str) -> None:
    """The buyer and the staff read the figures that the receipt shows, and the address."""
    subtotal, discount, shipping, vat, levy, total = amounts
    lines = ["1 × Copper kettle: CHF64.00", "2 × Glass cup: CHF25.00"]
    sums = (
        f"Subtotal: {subtotal} Discount TEN: {discount} Shipping (Parcel abroad): {shipping}"
        f" VAT 20 %: {vat} Levy 2.5 % (included): {levy} Total: {total}"
    )
    confirmation = mail_of(shop, f"Thank you for your order {number}")
    assert confirmation["To"] == BUYER
    to_staff = mail_of(shop, f"New order {number}: {total}")
    assert to_staff["To"] != BUYER
    for text in both_texts(confirmation) + both_texts(to_staff):
        for expected in [*lines, sums, *GOES_TO]:
            assert expected in text
    for text in both_texts(confirmation):
        assert receipt in text
        assert "Delivery time: 3 days" in text
    for text in both_texts(to_staff):
        assert f"{shop.address}/admin/cart/order/" in text


def mark_shipped(page: Page, shop: Shop, number: str) -> None:
    page.get_by_role("link", name="Mark as shipped…").click()
    page.get_by_label("Tracking number").fill("AB-12")
    page.get_by_label("Tracking link").fill(TRACKING_LINK)
    page.get_by_role("button", name="Mark as shipped").click()
    expect(page.locator(".messagelist")).to_contain_text("marked as shipped")
    mail = mail_of(shop, f"Your order {number} is on its way")
    assert mail["To"] == BUYER
    for text in both_texts(mail):
        for expected in [TRACKING_LINK, "AB-12", "2 × Glass cup", ADDRESS["Address line 1"]]:
            assert expected in text


def refund_one_cup(page: Page) -> str:
    """Refund a piece as the shop proposes; returns the amount as the shop writes it."""
    page.get_by_role("link", name="Refund…").first.click()
    page.get_by_label("2 × Glass cup").fill("1")
    page.get_by_role("button", name="Refund", exact=True).click()
    expect(page.get_by_label("Amount")).to_have_value("13.66")  # after discount, with tax
    page.get_by_role("button", name="Refund", exact=True).click()
    message = page.locator(".messagelist")
    expect(message).to_contain_text("was refunded")
    return one_line(message.inner_text()).removesuffix(" was refunded.")


def check_documents(page: Page, shown: list[str], refunded: str) -> None:
    page.get_by_role("link", name="Print…").click()
    page.get_by_role("link", name="Invoices").click()
    expect(page.locator("article")).to_have_count(2)
    invoice, credit_note = page.locator("article").all()
    expect(invoice.get_by_role("heading", level=1)).to_have_text("Invoice")
    assert figures(invoice, WITH_SHIPPING) == shown
    expect(invoice).to_contain_text(ADDRESS["Address line 1"])
    expect(credit_note.get_by_role("heading", level=1)).to_have_text("Credit note")
    expect(credit_note).to_contain_text("Glass cup")
    expect(credit_note.locator("dd.total")).to_have_text(refunded)
    expect(invoice.locator("dd.credited")).to_have_text(f"−{refunded}")


def one_line(text: str) -> str:
    return " ".join(text.split())
