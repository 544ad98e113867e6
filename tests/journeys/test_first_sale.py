"""One item in a real browser: item page, Buy, card page, paid receipt."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import DECLINED_CARD, expect_paid_receipt, pay, press_buy
from tests.support.screens import assert_fits
from tests.support.shops import Shop


def test_buys_with_javascript(page: Page, shop: Shop) -> None:
    press_buy(page)
    expect(page.get_by_text("no money moves", exact=False).first).to_be_visible()
    pay(page)
    expect_paid_receipt(page, shop)


def test_buys_without_javascript(plain_page: Page, shop: Shop) -> None:
    press_buy(plain_page)
    pay(plain_page)
    expect_paid_receipt(plain_page, shop)


def test_pays_after_a_declined_card(page: Page, shop: Shop) -> None:
    press_buy(page)
    pay(page, DECLINED_CARD)
    expect(page.get_by_role("alert")).to_contain_text("declined")
    pay(page)
    expect_paid_receipt(page, shop)


@pytest.mark.parametrize("javascript", [True, False])
def test_same_session_after_the_cancel_link(new_context: Any, javascript: bool) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    first = press_buy(page, item=2)
    page.get_by_role("link", name=re.compile("back|cancel", re.IGNORECASE)).first.click()
    page.wait_for_url("**/item/2")
    assert press_buy(page, item=2) == first


def test_buy_works_after_going_back_from_the_card_page(page: Page) -> None:
    first = press_buy(page, item=3)
    page.go_back()
    button = page.get_by_role("button", name="Buy")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    page.wait_for_url(first)


@pytest.mark.parametrize("fault", ["blocked", "silent", "broken", "other"])
def test_buys_when_stripe_js_fails(page: Page, shop: Shop, fault: str, recwarn: Any) -> None:
    """Blocked, silent, without redirectToCheckout, or with an error from it."""
    answers = {
        "broken": "window.Stripe = () => ({})",
        "other": "window.Stripe = () => ({redirectToCheckout: async () => ({error: {}})})",
    }

    def answer(route: Any) -> None:
        if fault == "blocked":
            route.abort()
        elif fault in answers:
            route.fulfill(content_type="application/javascript", body=answers[fault])

    page.route("**/v3/", answer)
    press_buy(page)
    pay(page)
    expect_paid_receipt(page, shop)
    page.unroute_all(behavior="ignoreErrors")


def test_loads_stripe_js_only_when_buy_is_pressed(page: Page, shop: Shop) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/item/1")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(shop.address) for url in asked)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    assert any(url.endswith("/v3/") for url in asked)


def test_outage_of_stripe_shows_a_message_and_the_button_works_again(
    page: Page, shop: Shop
) -> None:
    page.goto("/item/1")
    shop.local_stripe.fail(status=500, calls=10)
    button = page.get_by_role("button", name="Buy")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("can’t reach the payment page")
    shop.local_stripe.fail(calls=0)
    button.click()
    page.wait_for_url("**/c/pay/*")


def test_unreachable_shop_shows_a_message_beside_the_button(page: Page) -> None:
    page.goto("/item/1")
    page.route("**/buy/1?*", lambda route: route.abort())
    page.get_by_role("button", name="Buy").click()
    expect(page.get_by_role("alert")).to_contain_text("The shop can’t be reached")
    page.unroute("**/buy/1?*")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")


def test_double_click_makes_one_session(page: Page, shop: Shop) -> None:
    before = len(shop.local_stripe.all_sessions())
    page.goto("/item/4")
    page.get_by_role("button", name="Buy").dblclick()
    page.wait_for_url("**/c/pay/*")
    assert len(shop.local_stripe.all_sessions()) == before + 1


def test_buys_by_keyboard(page: Page, shop: Shop) -> None:
    page.goto("/item/1")
    page.get_by_role("link", name="All items").focus()
    for name in ("One less", "Quantity", "One more", "Add to cart", "Buy now"):
        page.keyboard.press("Tab")
        control = page.get_by_role("button", name=name).or_(page.get_by_label(name, exact=True))
        expect(control).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/pay/*")


def test_receipt_updates_itself_when_the_webhook_arrives(page: Page, shop: Shop) -> None:
    """The page is opened before the payment and changes to "paid" without a reload."""
    session_id = press_buy(page, item=5).rsplit("/", 1)[1].split("?")[0]
    page.goto(f"/order/{shop.local_stripe.token_of(session_id)}")
    expect(page.get_by_role("heading", name="We are waiting for your payment")).to_be_visible()
    shop.local_stripe.pay(session_id)
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()


def test_pages_fit_the_screen(page: Page) -> None:
    for path in ("/", "/item/1"):
        page.goto(path)
        assert_fits(page, 320)
        assert_fits(page, 1280)
