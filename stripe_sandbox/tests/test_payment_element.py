"""The Payment Element in a browser, on a page with a strict content security policy."""

from collections.abc import Iterator

import pytest
import stripe
from playwright.sync_api import Browser, Page, expect

from stripe_sandbox.tests.support.elements import (
    arrived,
    open_element,
    quiet_page,
    type_card,
    visit,
)
from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, create_intent, line
from stripe_sandbox.tests.support.shop_page import ShopPage

pytestmark = pytest.mark.usefixtures("local_stripe")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with quiet_page(browser) as page:
        yield page


@pytest.fixture(scope="module")
def shop_url(running_stripe: LocalStripe) -> Iterator[str]:
    with ShopPage(running_stripe.url) as shop:
        yield shop.url


def test_good_card_pays(page: Page, shop_url: str, local_stripe: LocalStripe) -> None:
    intent = create_intent()
    frame = open_element(page, shop_url, intent)
    type_card(frame, "4242424242424242")
    expect(frame.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    expect(frame.get_by_label("Expiration date")).to_have_value("12 / 40")
    assert page.evaluate("changes.at(-1).complete") is True
    page.get_by_role("button", name="Pay").click()
    assert arrived(page, shop_url) == {
        "order": ["7"],
        "payment_intent": [intent.id],
        "payment_intent_client_secret": [intent.client_secret],
        "redirect_status": ["succeeded"],
    }
    paid = stripe.PaymentIntent.retrieve(intent.id, expand=["payment_method"])
    assert (paid.status, paid.receipt_email) == ("succeeded", "ada@example.com")
    assert isinstance(paid.payment_method, stripe.PaymentMethod)
    assert paid.payment_method.billing_details.email == "ada@example.com"


def test_bad_card_is_declined_in_place(page: Page, shop_url: str) -> None:
    intent = create_intent()
    frame = open_element(page, shop_url, intent)
    type_card(frame, "4000000000009995")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#said")).to_contain_text("Your card has insufficient funds.")
    error = page.evaluate("JSON.parse(document.querySelector('#said').textContent).error")
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert error["decline_code"] == "insufficient_funds"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert "metadata" not in error["payment_intent"]
    frame.get_by_label("Card number").fill("4242424242424242")
    page.get_by_role("button", name="Pay").click()
    assert arrived(page, shop_url)["redirect_status"] == ["succeeded"]


def test_says_what_is_missing(page: Page, shop_url: str) -> None:
    frame = open_element(page, shop_url, create_intent())
    height = page.locator("#element iframe").bounding_box()
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#said")).to_contain_text('"type":"validation_error"')
    expect(frame.get_by_text("Your card number is incomplete.")).to_be_visible()
    expect(frame.get_by_label("Card number")).to_be_focused()
    taller = page.locator("#element iframe").bounding_box()
    assert height is not None
    assert taller is not None
    assert taller["height"] > height["height"] > 100


@pytest.mark.parametrize(
    ("button", "redirect_status"),
    [("Complete authentication", "succeeded"), ("Fail authentication", "failed")],
)
def test_three_d_secure_redirects(
    page: Page, shop_url: str, button: str, redirect_status: str
) -> None:
    frame = open_element(page, shop_url, create_intent())
    type_card(frame, "4000002500003155")
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("button", name=button).click()
    assert arrived(page, shop_url)["redirect_status"] == [redirect_status]


def test_debit_by_keyboard(page: Page, shop_url: str, local_stripe: LocalStripe) -> None:
    local_stripe.configure(delayed_seconds=None)
    intent = create_intent(currency="eur")
    frame = open_element(page, shop_url, intent)
    frame.get_by_label("Card", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("DE89370400440532013000")
    expect(frame.get_by_label("IBAN", exact=True)).to_have_value("DE89 3704 0044 0532 0130 00")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert arrived(page, shop_url)["redirect_status"] == ["pending"]
    assert stripe.PaymentIntent.retrieve(intent.id).status == "processing"


def test_redirect_if_required_stays(page: Page, shop_url: str) -> None:
    frame = open_element(page, shop_url, create_intent(), redirect="if_required")
    type_card(frame, "4242424242424242")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#said")).to_contain_text('"status":"succeeded"')


def test_reports_a_load_error(page: Page, shop_url: str) -> None:
    visit(page, shop_url, create_intent(), key="pk_test_other")
    expect(page.locator("#said")).to_contain_text("No such payment_intent")
    visit(page, shop_url, create_intent().cancel())
    expect(page.locator("#said")).to_contain_text("terminal or processing state (canceled)")


def test_reads_the_intent(page: Page, shop_url: str) -> None:
    intent = create_intent()
    open_element(page, shop_url, intent)
    read = page.evaluate("(secret) => stripe.retrievePaymentIntent(secret)", intent.client_secret)
    assert read["paymentIntent"]["id"] == intent.id
    wrong = page.evaluate(
        "(secret) => stripe.retrievePaymentIntent(secret)", f"{intent.id}_secret_x"
    )
    assert wrong["error"]["type"] == "invalid_request_error"


def test_pays_without_elements(page: Page, shop_url: str) -> None:
    intent = create_intent()
    open_element(page, shop_url, intent)
    script = """(clientSecret) => stripe.confirmPayment({
      clientSecret, confirmParams: { payment_method: "pm_card_visa" }, redirect: "if_required",
    })"""
    paid = page.evaluate(script, intent.client_secret)
    assert paid["paymentIntent"]["status"] == "succeeded"
    again = page.evaluate(script, intent.client_secret)
    assert again["error"]["code"] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("Stripe('sk_test_main')", "publishable test keys only"),
        ("stripe.elements({clientSecret: 'pi_1'})", "client secret must be of the form"),
        ("elements.create('card')", "no 'card'"),
        ("elements.create('payment')", "only create one Element"),
        ("stripe.confirmPayment({elements})", "`confirmParams.return_url` argument is required"),
    ],
)
def test_refuses_wrong_use(page: Page, shop_url: str, call: str, message: str) -> None:
    open_element(page, shop_url, create_intent())
    script = "async () => { try { await %s } catch (error) { return String(error) } }"
    said = page.evaluate(script % call)
    assert said.startswith("IntegrationError")
    assert message in said


def test_applies_theme_and_locale(page: Page, shop_url: str) -> None:
    frame = open_element(page, shop_url, create_intent(), theme="night", locale="ru")
    expect(frame.get_by_label("Номер карты")).to_have_css("color", "rgb(236, 238, 244)")
    page.evaluate(
        "elements.update({appearance: {theme: 'stripe', variables: {colorText: '#123'}}})"
    )
    expect(frame.get_by_label("Номер карты")).to_have_css("color", "rgb(17, 34, 51)")


def test_unmounts_and_mounts_again(page: Page, shop_url: str) -> None:
    frame = open_element(page, shop_url, create_intent())
    page.evaluate("elements.getElement('payment').unmount()")
    expect(page.locator("#element iframe")).to_have_count(0)
    page.evaluate("elements.getElement('payment').mount('#element')")
    expect(frame.get_by_label("Card number")).to_be_visible()
    page.evaluate("elements.getElement('payment').destroy()")
    assert page.evaluate("elements.getElement('payment')") is None


def test_hosted_page_shows_fields_of_chosen_method(page: Page, local_stripe: LocalStripe) -> None:
    session = create(line_items=[line(currency="eur")], success_url=f"{local_stripe.url}/_sandbox/")
    page.goto(str(session.url))
    expect(page.get_by_label("IBAN", exact=True)).to_be_hidden()
    page.get_by_label("SEPA debit").check()
    expect(page.get_by_label("Card number")).to_be_hidden()
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("IBAN", exact=True).fill("DE89 3704 0044 0532 0130 00")
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="Local Stripe")).to_be_visible()
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "unpaid"
