"""A failure never replaces the page: a sentence stands beside the button, which works again."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import network
from tests.support.network import BROKEN_ANSWERS
from tests.support.pages import code_field, put_in_cart
from tests.support.shops import Shop

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")

NO_COOKIES = 'Object.defineProperty(Navigator.prototype, "cookieEnabled", { value: false });'


def expect_sentence(page: Page, message: Locator, text: str) -> None:
    """The sentence is beside the button and is announced; the page is the one from before."""
    expect(message).to_contain_text(text)
    if message.get_attribute("role") != "alert":
        expect(page.locator("#announcement")).to_contain_text(text)
    assert page.evaluate("window.isSamePage")
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("[aria-busy]")).to_have_count(0)


def test_add_says_what_happened_and_works_again(page: Page) -> None:
    page.goto("/")
    page.evaluate("window.isSamePage = true")
    button, message = page.locator("#add-button-3"), page.locator("#add-3 [data-message]")
    for added, (answer, text) in enumerate(BROKEN_ANSWERS.values(), start=1):
        page.route(network.CHANGES, answer)
        button.click()
        expect_sentence(page, message, text)
        expect(page.locator(".item-card [data-message]", has_text=text)).to_have_count(1)
        expect(button).to_be_focused()
        page.unroute(network.CHANGES)
        button.click()
        expect(page.locator("#add-3 .toast")).to_be_visible()
        expect(page.locator("#cart-badge .count")).to_contain_text(str(added))
        expect(page.locator(".item-card [data-message]", has_text=text)).to_have_count(0)


def test_the_cart_says_what_happened_and_works_again(page: Page) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    page.evaluate("window.isSamePage = true")
    for quantity, (answer, text) in enumerate(BROKEN_ANSWERS.values(), start=2):
        page.route(network.CHANGES, answer)
        expect_sentences_in_the_cart(page, text)
        page.unroute(network.CHANGES)
        page.get_by_role("button", name=re.compile("^One more")).click()
        expect(page.get_by_label(re.compile("^Quantity"))).to_have_value(str(quantity))
        expect(page.locator("[data-message]", has_text=text)).to_have_count(0)
    code_field(page).fill("TEN")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Discount TEN")).to_be_visible()
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")


def expect_sentences_in_the_cart(page: Page, text: str) -> None:
    """Press each kind of button, whose answers are broken."""
    page.get_by_role("button", name=re.compile("^One more")).click()
    expect_sentence(page, page.locator(".cart-line [data-message]"), text)
    code_field(page).fill("TEN")
    page.get_by_role("button", name="Apply").click()
    expect_sentence(page, page.locator(".code [data-message]"), text)
    expect(page.get_by_label("Discount code")).to_have_value("TEN")
    page.get_by_role("button", name="Buy").click()
    expect_sentence(page, page.locator("#buy-message-USD"), text)
    page.get_by_role("button", name="Pay here").click()
    expect_sentence(page, page.locator("#pay-here-message-USD"), text)
    expect(page.locator("#buy-message-USD")).to_be_empty()


def test_a_retry_after_a_lost_answer_adds_nothing(page: Page) -> None:
    page.goto("/item/1")
    page.route(network.CHANGES, network.lose_the_answer)
    button = page.get_by_role("button", name="Add to cart")
    button.click()
    expect(page.locator("#add-1 .message")).to_contain_text(network.UNREACHABLE)
    page.unroute(network.CHANGES)
    button.click()
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    button.click()  # the answer came, so this is a new press
    expect(page.locator("#cart-badge .count")).to_contain_text("2")


def type_quantity(page: Page, quantity: str) -> str:
    """Type a quantity and press Enter, which sends one request; return the id of the press."""
    field = page.get_by_label(re.compile("^Quantity"))
    field.fill(quantity)
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data or ""))
    with page.expect_request(network.CHANGES):
        field.press("Enter")
    page.wait_for_timeout(300)
    (body,) = filter(None, bodies)
    return parse_qs(body)["submission_id"][0]


def test_only_a_press_with_the_same_values_is_the_press_of_the_lost_answer(page: Page) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    message = page.locator(".cart-line [data-message]")
    page.route(network.CHANGES, network.lose_the_answer)
    first = type_quantity(page, "3")
    expect(message).to_contain_text(network.UNREACHABLE)
    other = type_quantity(page, "4")
    expect(message).to_contain_text(network.UNREACHABLE)
    page.unroute(network.CHANGES)
    assert type_quantity(page, "4") == other != first
    expect(message).to_contain_text("it is 3 now")  # the first one had reached the shop


def test_the_receipt_goes_on_asking_after_broken_answers(page: Page, shop: Shop) -> None:
    page.goto("/item/1")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    session_id = page.url.rsplit("/", 1)[1].split("?")[0]
    page.clock.install()
    page.goto(f"/order/{shop.local_stripe.token_of(session_id)}")
    expect(page.get_by_role("heading", name="We are waiting for your payment")).to_be_visible()
    page.evaluate("window.isSamePage = true")
    broken = [answer for answer, _ in BROKEN_ANSWERS.values()]
    page.route("**/order/*poll=*", lambda route: (broken.pop() if broken else go_on)(route))
    shop.local_stripe.pay(session_id)
    for _ in range(len(broken) + 2):
        page.clock.fast_forward(30_000)
        page.wait_for_timeout(200)
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    assert page.evaluate("window.isSamePage")


def go_on(route: Any) -> None:
    route.continue_()


@pytest.mark.parametrize("path", ["/", "/item/1"])
def test_without_cookies_add_says_that_a_cart_needs_one(
    new_context: Callable[..., Any], path: str
) -> None:
    context = new_context()
    context.add_init_script(NO_COOKIES)
    page = context.new_page()
    page.goto(path)
    page.evaluate("window.isSamePage = true")
    sent = network.posts(page)
    page.locator("#add-button-1").click()
    text = "Your browser refuses cookies. A cart needs one; allow it for this shop and press again."
    expect_sentence(page, page.locator("#add-1 [data-message]"), text)
    assert sent == []


def test_waiting_is_visible_after_300_ms_and_not_before(page: Page) -> None:
    page.clock.install()
    page.goto("/item/1")
    page.route(network.CHANGES, network.never_answer)
    button = page.get_by_role("button", name="Add to cart")
    page.clock.pause_at("2100-01-01")
    with page.expect_request(network.CHANGES):
        button.click()
    page.clock.run_for(299)
    expect(button).not_to_have_attribute("aria-busy", "true")
    page.clock.run_for(1)
    expect(button).to_have_attribute("aria-busy", "true")
    page.clock.run_for(15_000)
    expect(button).not_to_have_attribute("aria-busy", "true")
