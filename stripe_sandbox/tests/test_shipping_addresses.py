"""Sessions that ask the buyer for a shipping address."""

import re
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser, expect

from stripe_sandbox.http.parameter_types import parameters
from stripe_sandbox.resources.countries import COUNTRIES_TO_SHIP_TO
from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, refusal

ADDRESS = {
    "country": "DE",
    "line1": "Hauptstraße 5",
    "line2": "2. Stock",
    "city": "Köln",
    "postal_code": "50667",
    "state": "",
}
FILLED_IN = {"name": "Ada Buyer", **ADDRESS}
SHIPPED = {"name": "Ada Buyer", "address": ADDRESS | {"state": None}}


def asks_for(*countries: str, **changes: Any) -> stripe.checkout.Session:
    return create(shipping_address_collection={"allowed_countries": list(countries)}, **changes)


def retrieved(session: stripe.checkout.Session) -> dict[str, Any]:
    found: dict[str, Any] = stripe.checkout.Session.retrieve(session.id).to_dict()
    return found


def intent_of(session: stripe.checkout.Session) -> dict[str, Any]:
    expand = ["payment_intent.latest_charge"]
    found = stripe.checkout.Session.retrieve(session.id, expand=expand).to_dict()
    intent: dict[str, Any] = found["payment_intent"]
    return intent


def test_asks_for_no_address_unless_it_is_told_to(local_stripe: LocalStripe) -> None:
    session = create()
    assert 'name="country"' not in local_stripe.http.get(str(session.url)).text
    local_stripe.pay(session, **FILLED_IN)
    sent = retrieved(session)
    assert (sent["shipping_address_collection"], sent["collected_information"]) == (None, None)
    assert sent["customer_details"]["name"] is None
    assert intent_of(session)["shipping"] is None


def test_the_address_is_in_the_session_its_intent_and_the_charge(local_stripe: LocalStripe) -> None:
    session = asks_for("US", "DE", phone_number_collection={"enabled": True})
    before = retrieved(session)
    assert before["shipping_address_collection"] == {"allowed_countries": ["US", "DE"]}
    assert (before["collected_information"], before["customer_details"]) == (None, None)
    assert local_stripe.pay(session, phone="+491234", **FILLED_IN).status_code == 303
    sent, intent = retrieved(session), intent_of(session)
    assert sent["collected_information"]["shipping_details"] == SHIPPED
    details = sent["customer_details"]
    assert (details["name"], details["phone"]) == ("Ada Buyer", "+491234")
    assert details["address"] == SHIPPED["address"]
    none = dict.fromkeys(("carrier", "phone", "tracking_number"))
    assert intent["shipping"] == SHIPPED | none
    assert intent["latest_charge"]["shipping"] == intent["shipping"]
    event = local_stripe.events("checkout.session.completed")[0]["payload"]
    assert isinstance(event, dict)
    assert event["data"]["object"]["collected_information"] == sent["collected_information"]


def test_a_free_session_asks_for_it_too(local_stripe: LocalStripe) -> None:
    session = asks_for("DE", discounts=[{"coupon": stripe.Coupon.create(percent_off=100).id}])
    assert local_stripe.pay(session, card="", **FILLED_IN).status_code == 303
    assert retrieved(session)["collected_information"]["shipping_details"] == SHIPPED


def test_the_page_lists_the_allowed_countries_only(local_stripe: LocalStripe) -> None:
    page = local_stripe.http.get(str(asks_for("FR", "DE").url)).text
    assert re.findall(r'<option value="(\w+)"', page) == ["FR", "DE"]
    assert ">Germany<" in page


@pytest.mark.parametrize("left_out", ["name", "line1", "city", "postal_code", "country"])
def test_refuses_an_incomplete_address(local_stripe: LocalStripe, left_out: str) -> None:
    session = asks_for("DE")
    answer = local_stripe.pay(session, **FILLED_IN | {left_out: " "})
    assert answer.status_code == 422
    assert re.search(r'role="alert">(Enter|Choose) .+\.<', answer.text)
    assert retrieved(session)["status"] == "open"
    assert 'value="2. Stock"' in answer.text


def test_states_and_postal_codes_are_required_where_they_are_used(
    local_stripe: LocalStripe,
) -> None:
    session = asks_for("US", "HK", "AE")
    for country, left_out, status in (
        ("US", "state", 422),
        ("US", "postal_code", 422),
        ("HK", "state", 422),
        ("AE", "postal_code", 303),
    ):
        typed = FILLED_IN | {"country": country, "state": "X", left_out: ""}
        assert local_stripe.pay(session, **typed).status_code == status, (country, left_out)


@pytest.mark.parametrize("country", ["FR", "de", "XX"])
def test_a_forged_form_cannot_choose_another_country(
    local_stripe: LocalStripe, country: str
) -> None:
    session = asks_for("DE", "US")
    answer = local_stripe.pay(session, **FILLED_IN | {"country": country})
    assert answer.status_code == 422
    assert "Choose a country to which the shop sends." in answer.text
    assert retrieved(session)["status"] == "open"


def test_a_second_attempt_takes_the_address_of_the_second_form(local_stripe: LocalStripe) -> None:
    session = asks_for("DE")
    refused = local_stripe.pay(session, card="4000000000000002", **FILLED_IN)
    assert refused.status_code == 402
    assert retrieved(session)["collected_information"] is None
    local_stripe.pay(session, **FILLED_IN | {"line1": "Nebenstraße 6"})
    assert intent_of(session)["shipping"]["address"]["line1"] == "Nebenstraße 6"


def test_keeps_the_address_through_three_d_secure(local_stripe: LocalStripe) -> None:
    session = asks_for("DE")
    local_stripe.pay(session, card="4000002500003155", **FILLED_IN)
    assert retrieved(session)["collected_information"] is None
    local_stripe.tell(f"sessions/{session.id}/authenticate").raise_for_status()
    assert retrieved(session)["collected_information"]["shipping_details"] == SHIPPED


def test_knows_the_countries_of_the_library(local_stripe: LocalStripe) -> None:
    params = parameters("checkout/_session_create_params", "SessionCreateParams")
    countries = params.fields["shipping_address_collection"].fields["allowed_countries"]
    assert set(countries.items[0].choices) - COUNTRIES_TO_SHIP_TO <= {"SD"}
    assert set(countries.items[0].choices) >= COUNTRIES_TO_SHIP_TO
    assert asks_for(*sorted(COUNTRIES_TO_SHIP_TO)).status == "open"


@pytest.mark.parametrize(
    "country", [*"AS CX CC CU HM IR KP MH FM NF MP PW SD SY UM VI".split(), "de", "XX", "Germany"]
)
@pytest.mark.usefixtures("local_stripe")
def test_refuses_other_countries(country: str) -> None:
    error = refusal(shipping_address_collection={"allowed_countries": ["DE", country]})
    assert error.param == "shipping_address_collection[allowed_countries][1]"
    assert "must be one of AC, AD, AE," in str(error)


@pytest.mark.usefixtures("local_stripe")
def test_refuses_an_empty_list_of_countries() -> None:
    error = refusal(shipping_address_collection={"allowed_countries": ""})
    assert error.code == "parameter_invalid_empty"
    error = refusal(shipping_address_collection="")
    assert error.param == "shipping_address_collection"


@pytest.mark.usefixtures("local_stripe")
def test_shipping_rates_are_not_implemented() -> None:
    assert "not implement" in str(refusal(shipping_options=[{"shipping_rate": "shr_1"}]))
    shipping = {"name": "Ada", "address": {"line1": "1 Main Street"}}
    assert "not implement" in str(refusal(payment_intent_data={"shipping": shipping}))


def test_the_control_address_uses_the_first_allowed_country(local_stripe: LocalStripe) -> None:
    session = asks_for("US", "DE")
    assert local_stripe.tell(f"sessions/{session.id}/pay").status_code == 200
    shipped = retrieved(session)["collected_information"]["shipping_details"]
    assert (shipped["name"], shipped["address"]["country"]) == ("Ada Buyer", "US")


def test_the_control_address_takes_an_address(local_stripe: LocalStripe) -> None:
    session = asks_for("US", "DE", phone_number_collection={"enabled": True})
    pay = f"sessions/{session.id}/pay"
    forged = local_stripe.tell(pay, shipping={"address": {"country": "FR"}})
    assert forged.status_code == 422
    given = {"name": "Bob", "phone": "+49", "address": {"country": "DE", "city": "Köln"}}
    assert local_stripe.tell(pay, shipping=given).status_code == 200
    assert retrieved(session)["customer_details"]["phone"] == "+49"
    shipped = retrieved(session)["collected_information"]["shipping_details"]
    assert shipped["name"] == "Bob"
    assert shipped["address"] == {
        "city": "Köln",
        "country": "DE",
        "line1": "1 Main Street",
        "line2": None,
        "postal_code": "12345",
        "state": None,
    }


def test_a_call_can_pay_with_an_address(local_stripe: LocalStripe) -> None:
    """As Stripe's command line pays."""
    session = asks_for("DE")
    path = f"/v1/payment_pages/{session.id}/confirm"
    key = {"Authorization": "Bearer sk_test_main"}
    form = {"payment_method": "pm_card_visa", "shipping[name]": "Ada Buyer"}
    refused = local_stripe.http.post(path, data=form, headers=key)
    assert refused.json()["error"]["param"] == "shipping[country]"
    form |= {f"shipping[address][{name}]": text for name, text in ADDRESS.items() if text}
    assert local_stripe.http.post(path, data=form, headers=key).status_code == 200
    assert retrieved(session)["collected_information"]["shipping_details"] == SHIPPED


def test_the_overview_shows_where_it_goes(local_stripe: LocalStripe) -> None:
    local_stripe.pay(asks_for("DE"), **FILLED_IN)
    assert local_stripe.http.get("/_sandbox/").text.count("<td>Ada Buyer, Köln, DE</td>") == 2


@pytest.mark.parametrize("has_script", [True, False])
def test_a_buyer_types_the_address(
    browser: Browser, local_stripe: LocalStripe, has_script: bool
) -> None:
    done = f"{local_stripe.url}/_sandbox/"
    phone = {"enabled": True}
    session = asks_for("FR", "DE", phone_number_collection=phone, success_url=done)
    context = browser.new_context(java_script_enabled=has_script)
    page = context.new_page()
    page.goto(str(session.url))
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Full name").fill("Ada Buyer")
    page.get_by_label("Country or region").select_option(label="Germany")
    page.get_by_label("Address line 1").fill(ADDRESS["line1"])
    page.get_by_label("Address line 2").fill(ADDRESS["line2"])
    page.get_by_label("City").fill(ADDRESS["city"])
    page.get_by_label("Phone number").fill("+491234")
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#postal_code:invalid")).to_be_visible()
    page.get_by_label("Postal code").fill(ADDRESS["postal_code"])
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url(done)
    context.close()
    assert retrieved(session)["collected_information"]["shipping_details"] == SHIPPED
