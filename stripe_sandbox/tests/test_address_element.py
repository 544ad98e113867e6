"""The Address Element in a browser, beside a Payment Element."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from stripe_sandbox.pages.origins import origins
from stripe_sandbox.tests.support.elements import open_element, quiet_page, type_card, visit
from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create_intent
from stripe_sandbox.tests.support.shop_page import ShopPage

pytestmark = pytest.mark.usefixtures("local_stripe")
OPTIONS: dict[str, Any] = {
    "mode": "shipping",
    "allowedCountries": ["DE"],
    "autocomplete": {"mode": "disabled"},
    "fields": {"phone": "always"},
    "validation": {"phone": {"required": "always"}},
}
CARD = "4242424242424242"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with quiet_page(browser) as page:
        yield page


@pytest.fixture(scope="module")
def shop_url(running_stripe: LocalStripe) -> Iterator[str]:
    with ShopPage(running_stripe.url) as shop:
        yield shop.url


def open_form(
    page: Page, shop_url: str, intent: stripe.PaymentIntent, **changes: Any
) -> FrameLocator:
    """The frame of the Address Element; the Payment Element is ready, too."""
    options = json.dumps({name: each for name, each in (OPTIONS | changes).items() if each})
    open_element(page, shop_url, intent, address=options)
    page.wait_for_function("window.addressReady?.elementType === 'address'")
    return page.frame_locator("#address iframe")


def type_address(frame: FrameLocator) -> None:
    frame.get_by_label("Full name").fill("Ada Buyer")
    frame.get_by_label("Address line 1").fill("Hauptstraße 5")
    frame.get_by_label("City").fill("Köln")
    frame.get_by_label("Postal code").fill("50667")
    frame.get_by_label("Phone number").fill("+491234")


def press_pay(page: Page) -> None:
    page.get_by_role("button", name="Pay").click()


def test_the_payment_sends_the_address(page: Page, shop_url: str) -> None:
    intent = create_intent()
    type_address(open_form(page, shop_url, intent))
    type_card(page.frame_locator("#element iframe"), CARD)
    press_pay(page)
    page.wait_for_url(f"{shop_url}/done?*redirect_status=succeeded")
    assert stripe.PaymentIntent.retrieve(intent.id).to_dict()["shipping"] == {
        "name": "Ada Buyer",
        "phone": "+491234",
        "carrier": None,
        "tracking_number": None,
        "address": {
            "city": "Köln",
            "country": "DE",
            "line1": "Hauptstraße 5",
            "line2": None,
            "postal_code": "50667",
            "state": None,
        },
    }


def test_tells_the_page_what_the_buyer_types(page: Page, shop_url: str) -> None:
    frame = open_form(page, shop_url, create_intent())
    frame.get_by_label("Full name").fill("Ada Buyer")
    page.wait_for_function("addressChanges.length")
    first = page.evaluate("addressChanges[0]")
    assert (first["complete"], first["empty"]) == (False, False)
    type_address(frame)
    page.wait_for_function("addressChanges.at(-1).complete")
    last = page.evaluate("addressChanges.at(-1)")
    assert (last["elementType"], last["elementMode"]) == ("address", "shipping")
    assert last["value"]["phone"] == "+491234"
    assert last["value"]["address"]["line2"] is None
    shared = {name: last[name] for name in ("complete", "isNewAddress", "value")}
    assert page.evaluate("address.getValue()") == shared


def test_submit_checks_the_address(page: Page, shop_url: str) -> None:
    intent = create_intent()
    frame = open_form(page, shop_url, intent)
    card = page.frame_locator("#element iframe")
    press_pay(page)
    expect(page.locator("#said")).to_contain_text("incomplete_name")
    expect(card.get_by_text("Your card number is incomplete.")).to_be_visible()
    expect(frame.get_by_text("Your city is incomplete.")).to_be_visible()
    expect(frame.get_by_label("Full name")).to_be_focused()
    type_card(card, CARD)
    type_address(frame)
    frame.get_by_label("Phone number").fill("")
    press_pay(page)
    expect(page.locator("#said")).to_contain_text("incomplete_phone")
    assert page.evaluate("stripe.confirmPayment({ elements, redirect: 'if_required' })") == {
        "error": {
            "type": "validation_error",
            "code": "incomplete_phone",
            "message": "Your phone number is incomplete.",
        }
    }
    assert stripe.PaymentIntent.retrieve(intent.id).status == "requires_payment_method"


def test_offers_the_allowed_countries_and_checks_each_as_it_needs(
    page: Page, shop_url: str
) -> None:
    frame = open_form(
        page,
        shop_url,
        create_intent(),
        allowedCountries=["DE", "US"],
        fields=None,
        validation=None,
        defaultValues={"name": "Ada", "address": {"country": "US", "line1": "1 Main Street"}},
    )
    country = frame.get_by_label("Country or region")
    assert country.locator("option").all_inner_texts() == ["Germany", "United States"]
    expect(country).to_have_value("US")
    expect(frame.get_by_label("Full name")).to_have_value("Ada")
    expect(frame.get_by_label("Phone number")).to_have_count(0)
    frame.get_by_label("City").fill("Springfield")
    frame.get_by_label("Postal code").fill("12345")
    assert page.evaluate("elements.submit()")["error"]["code"] == "incomplete_state"
    country.select_option("DE")
    assert page.evaluate("address.getValue()")["complete"] is True
    assert "phone" not in page.evaluate("address.getValue()")["value"]


def test_the_shop_can_send_another_address(page: Page, shop_url: str) -> None:
    """As a browser can that a buyer has changed: Stripe compares it with nothing."""
    intent = create_intent()
    type_address(open_form(page, shop_url, intent))
    type_card(page.frame_locator("#element iframe"), CARD)
    shipping = {"name": "Eve", "address": {"country": "FR", "line1": "1 Rue Haute"}}
    params = {"redirect": "if_required", "confirmParams": {"shipping": shipping}}
    page.evaluate("(params) => stripe.confirmPayment({ elements, ...params })", params)
    address = stripe.PaymentIntent.retrieve(intent.id).to_dict()["shipping"]["address"]
    assert address["country"] == "FR"


def test_a_country_that_the_server_has_set_stays(page: Page, shop_url: str) -> None:
    sent: Any = {"name": "Ada", "address": {"country": "DE", "line1": "Hauptstraße 5"}}
    intent = create_intent(shipping=sent)
    type_address(open_form(page, shop_url, intent))
    type_card(page.frame_locator("#element iframe"), CARD)
    press_pay(page)
    expect(page.locator("#said")).to_contain_text("was last set with a secret key")


def test_knows_russian_and_the_theme(page: Page, shop_url: str) -> None:
    options = json.dumps(OPTIONS)
    visit(page, shop_url, create_intent(), address=options, locale="ru", theme="night")
    frame = page.frame_locator("#address iframe")
    expect(frame.get_by_label("Страна или регион")).to_contain_text("Германия")
    assert frame.locator("html").get_attribute("data-theme") == "night"


def test_is_destroyed_and_created_again(page: Page, shop_url: str) -> None:
    open_form(page, shop_url, create_intent())
    assert page.evaluate("elements.getElement('address') === address")
    page.evaluate("address.destroy()")
    expect(page.locator("#address iframe")).to_have_count(0)
    page.evaluate("(options) => mountAddress(options)", OPTIONS)
    expect(page.frame_locator("#address iframe").get_by_label("City")).to_be_visible()


WRONG_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"mode": None}, "the option mode is required"),
    ({"mode": "billing"}, "not implement the option mode: billing"),
    ({"colour": "red"}, "not implement the option colour: red"),
    ({"blockPoBox": True}, "not implement the option blockPoBox"),
    ({"autocomplete": {"mode": "google_maps_api"}}, "google_maps_api"),
    ({"fields": {"phone": True}}, "fields.phone: true"),
    ({"allowedCountries": []}, "countries that Stripe knows"),
    ({"allowedCountries": ["DE", "CU"]}, "countries that Stripe knows"),
    ({"allowedCountries": "DE"}, "countries that Stripe knows"),
    ({"validation": {"phone": {"required": "always"}}}, "only if fields.phone is"),
    ({"defaultValues": {"email": "a@b.example"}}, "defaultValues.email"),
]


def test_refuses_wrong_options(page: Page, shop_url: str) -> None:
    open_element(page, shop_url, create_intent())
    attempt = """(options) => {
      try { elements.create("address", options); } catch (error) { return String(error); }
    }"""
    for options, message in WRONG_OPTIONS:
        said = page.evaluate(attempt, {"mode": "shipping"} | options)
        assert said.startswith("IntegrationError: "), options
        assert message in said


def test_completing_addresses_needs_another_host(
    browser: Browser, shop_url: str, local_stripe: LocalStripe
) -> None:
    """As at Stripe, where it is maps.googleapis.com; the policy of the shop doesn't allow it."""
    page = browser.new_context().new_page()
    options = json.dumps({"mode": "shipping", "allowedCountries": ["DE"]})
    with page.expect_console_message(lambda message: "script-src" in message.text) as blocked:
        visit(page, shop_url, create_intent(), address=options)
    assert origins(local_stripe.url).maps in blocked.value.text
    page.context.close()
