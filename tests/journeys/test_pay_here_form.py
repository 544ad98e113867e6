"""How the form of "Pay here" opens, closes and loads, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support import network
from tests.support.items import change_item
from tests.support.pages import (
    DECLINED_CARD,
    GOOD_CARD,
    code_field,
    expect_paid_receipt,
    put_in_cart,
)
from tests.support.pay_here import (
    EURO_ITEM,
    cart_of,
    close_form,
    open_form,
    press_pay,
    section,
    type_card,
)
from tests.support.screens import assert_fits, filled_buttons
from tests.support.shops import Shop
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")


def change_the_other_order(page: Page, way: str) -> None:
    """Changes or removes the order in euros, and waits until the cart shows it."""
    euros = page.get_by_role("region", name="Cart in EUR")
    if way == "quantity":
        euros.get_by_role("button", name=re.compile("^One more")).click()
        expect(euros.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    elif way == "code":
        code_field(euros).fill("TEN")
        euros.get_by_role("button", name="Apply").click()
        expect(euros.get_by_text("Discount TEN")).to_be_visible()
    else:
        euros.get_by_role("button", name=re.compile("^Remove")).click()
        expect(euros).to_have_count(0)


@pytest.mark.parametrize("way", ["quantity", "code", "removal"])
def test_keeps_the_form_open_when_the_cart_in_another_currency_changes(
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


def test_closes_the_form_when_its_order_changes(page: Page, shop: Shop) -> None:
    cart_of(page, 1)
    open_form(page)
    page.get_by_role("button", name=re.compile("^One more")).click()
    expect(section(page).get_by_role("button", name="Pay here")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    type_card(open_form(page), GOOD_CARD)
    press_pay(page)
    expect_paid_receipt(page, shop)
    expect(page.locator("table.lines tbody td").first).to_have_text("2")


def test_loads_stripe_js_only_when_pay_here_is_pressed(page: Page, shop: Shop) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/item/1")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(shop.address) for url in asked)
    open_form(page)
    assert any(url.endswith("/v3/") for url in asked)


def test_blocked_script_shows_a_message_and_the_next_press_tries_again(page: Page) -> None:
    page.route("**/v3/", lambda route: route.abort())
    page.goto("/item/1")
    button = section(page).get_by_role("button", name="Pay here")
    button.click()
    expect(section(page).get_by_role("alert")).to_contain_text("allow js.stripe.com")
    page.unroute("**/v3/")
    button.click()
    expect(section(page).get_by_label("E-mail")).to_be_focused()


def test_gives_up_on_stripe_js_and_names_the_other_way_to_pay(page: Page) -> None:
    page.route(network.STRIPE_JS, network.never_answer)
    page.clock.install()
    page.goto("/item/1")
    button = section(page).get_by_role("button", name="Pay here")
    with page.expect_response("**/buy/1/intent"):
        button.click()
    page.clock.fast_forward(5_000)
    expect(section(page).get_by_role("alert").first).to_contain_text("Press Buy to pay on Stripe’s")
    page.unroute(network.STRIPE_JS)
    button.click()
    expect(section(page).get_by_label("E-mail")).to_be_focused()


def test_closes_the_form_when_the_price_of_the_item_changes(
    page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    item = new_item(price=20)
    page.goto(f"/item/{item}")
    open_form(page)
    page.evaluate("refresh(document.getElementById('item-offer'))")
    expect(section(page).get_by_label("E-mail")).to_have_value("buyer@shop.example")
    change_item(shop, item, price=77)
    page.evaluate("refresh(document.getElementById('item-offer'))")
    expect(section(page).get_by_role("button", name="Pay here")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)


@pytest.mark.parametrize("path", ["/item/1", "/order"])
def test_an_open_form_has_the_only_primary_button_and_the_only_message(
    page: Page, shop: Shop, path: str
) -> None:
    put_in_cart(page, 1)
    page.goto(path)
    primary = page.locator("[data-pay] .button:not(.button-quiet)")
    shop.local_stripe.fail(status=500, calls=10)
    page.get_by_role("button", name="Buy").click()
    expect(page.locator("#buy-message-USD")).to_contain_text("can’t reach the payment page")
    shop.local_stripe.fail(calls=0)
    form = open_form(page)
    expect(page.locator("#buy-message-USD")).to_be_empty()
    expect(primary).to_have_text([re.compile(r"^\s*Pay \$")])
    wait_until(lambda: filled_buttons(page) == [primary.inner_text()])
    type_card(form, DECLINED_CARD)
    press_pay(page)
    message = page.locator("[data-message]:visible", has_text="declined")
    expect(message).to_be_visible()
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(1)
    above, below = message.bounding_box(), primary.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"]
    close_form(page)
    wait_until(lambda: filled_buttons(page) == ["Buy" if path == "/order" else "Add to cart"])
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)


def test_closing_ends_the_attempt_before_the_next_press(page: Page, shop: Shop) -> None:
    page.goto("/item/1")
    with page.expect_response("**/buy/1/intent") as opened:
        open_form(page)
    intent_id = opened.value.json()["client_secret"].split("_secret_")[0]
    network.delay(page, 300, "**/order/*/cancel")
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    close_form(page)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    answered = [url for url in asked if "/cancel" in url or "/buy/1?" in url]
    assert [url.endswith("/cancel") for url in answered] == [True, False]
    assert shop.local_stripe.intent(intent_id)["status"] == "canceled"


def test_stop_paying_waits_for_a_change_before_it(page: Page, new_item: Callable[..., int]) -> None:
    page.goto(f"/item/{new_item(stock=5)}")
    open_form(page)
    page.reload()
    network.delay_answers(page, 300)
    sent = network.posts(page)
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("button", name="Stop paying").click(no_wait_after=True)
    assert [url.rpartition("/")[2] for url in sent] == ["lines"]
    expect(page.locator(".own-hold")).to_have_count(0)
    expect(page.locator("#cart-badge .count")).to_contain_text("1")


def test_opens_closes_and_pays_by_keyboard(page: Page, shop: Shop) -> None:
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


def test_without_javascript_shows_buy_and_hides_pay_here(plain_page: Page) -> None:
    plain_page.goto("/item/1")
    expect(plain_page.get_by_role("button", name="Buy")).to_be_visible()
    expect(plain_page.get_by_role("button", name="Pay here")).to_be_hidden()


def test_open_form_fits_the_screen(page: Page) -> None:
    page.goto("/item/1")
    form = open_form(page)
    expect(form.get_by_label("Card number")).to_be_visible()
    assert_fits(page, 320)
    assert_fits(page, 1280)


def test_stripes_fields_follow_the_system_into_the_dark(page: Page) -> None:
    cart_of(page, 1)
    field = open_form(page).get_by_label("Card number")
    expect(field).to_be_visible()
    frame = page.frame_locator("iframe[title='Secure payment input frame']").locator("html")
    page.emulate_media(color_scheme="dark")
    expect(frame).to_have_attribute("data-theme", "night")
    page.emulate_media(color_scheme="light")
    expect(frame).to_have_attribute("data-theme", "stripe")
