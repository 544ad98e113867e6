"""The `shipping` of payment intents, and the texts of bank statements."""

from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.publishable_keys import CARD, call, secret_of
from stripe_sandbox.tests.support.sessions import charge_of, confirm, create, create_intent

SENT: Any = {
    "name": "Ada Buyer",
    "phone": "+491234",
    "address": {"country": "DE", "line1": "Hauptstraße 5", "city": "Köln", "postal_code": "50667"},
}
SHIPPING = {
    "name": "Ada Buyer",
    "phone": "+491234",
    "carrier": None,
    "tracking_number": None,
    "address": SENT["address"] | {"line2": None, "state": None},
}
FROM_A_BROWSER = {
    "shipping[name]": "Eve",
    "shipping[address][country]": "FR",
    "shipping[address][line1]": "1 Rue Haute",
}


def shipping_of(intent: stripe.PaymentIntent) -> Any:
    return stripe.PaymentIntent.retrieve(intent.id).to_dict()["shipping"]


def refused(**changes: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        create_intent(**changes)
    return caught.value


@pytest.mark.usefixtures("local_stripe")
def test_is_null_unless_it_is_set() -> None:
    assert shipping_of(create_intent()) is None


@pytest.mark.usefixtures("local_stripe")
def test_a_server_sets_changes_and_unsets_it() -> None:
    intent = create_intent(shipping=SENT)
    assert shipping_of(intent) == SHIPPING
    intent.modify(intent.id, shipping=SENT | {"name": "Bob", "tracking_number": "1Z"})
    assert shipping_of(intent) == SHIPPING | {"name": "Bob", "tracking_number": "1Z"}
    intent.modify(intent.id, shipping="")
    assert shipping_of(intent) is None


@pytest.mark.usefixtures("local_stripe")
def test_the_charge_copies_it() -> None:
    intent = confirm(create_intent(), "pm_card_visa", shipping=SENT)
    assert charge_of(intent.id).to_dict()["shipping"] == SHIPPING
    intent.modify(intent.id, shipping=SENT | {"name": "Bob"})
    assert charge_of(intent.id).to_dict()["shipping"] == SHIPPING


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"name": None}, "shipping[name]"),
        ({"address": None}, "shipping[address]"),
        ({"name": ""}, "shipping[name]"),
        ({"address": {"country": "XX"}}, "shipping[address][country]"),
        ({"address": {"country": "de"}}, "shipping[address][country]"),
        ({"address": {"line2": ""}}, "shipping[address][line2]"),
    ],
)
@pytest.mark.usefixtures("local_stripe")
def test_refuses(changes: dict[str, Any], param: str) -> None:
    shipping = {name: each for name, each in (SENT | changes).items() if each is not None}
    assert refused(shipping=shipping).param == param


def test_a_browser_may_write_any_country(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    sent = secret_of(intent) | CARD | FROM_A_BROWSER
    answer = call(local_stripe, f"payment_intents/{intent.id}/confirm", **sent)
    assert answer.json()["shipping"]["address"]["country"] == "FR"
    assert shipping_of(intent)["name"] == "Eve"


def test_a_browser_cannot_change_what_the_server_has_set(local_stripe: LocalStripe) -> None:
    intent = create_intent(shipping=SENT)
    path = f"payment_intents/{intent.id}/confirm"
    answer = call(local_stripe, path, **secret_of(intent) | CARD | FROM_A_BROWSER)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["message"].startswith(
        "The shipping information on this PaymentIntent was last set with a secret key"
    )
    unpaid = stripe.PaymentIntent.retrieve(intent.id)
    assert (unpaid.status, shipping_of(intent)) == ("requires_payment_method", SHIPPING)
    assert call(local_stripe, path, **secret_of(intent) | CARD).status_code == 200
    assert shipping_of(intent) == SHIPPING


def test_a_browser_can_change_what_it_has_set(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    path = f"payment_intents/{intent.id}/confirm"
    declined = CARD | {"payment_method_data[card][number]": "4000000000000002"}
    for card, name in ((declined, "Eve"), (CARD, "Bob")):
        sent = secret_of(intent) | card | FROM_A_BROWSER | {"shipping[name]": name}
        call(local_stripe, path, **sent)
        assert shipping_of(intent)["name"] == name


def test_the_control_address_sends_it_like_a_browser(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    sent = {"name": "Eve", "phone": "+331", "address": {"country": "FR"}}
    assert local_stripe.tell(f"payment_intents/{intent.id}/pay", shipping=sent).status_code == 200
    found = shipping_of(intent)
    assert (found["name"], found["phone"], found["address"]["country"]) == ("Eve", "+331", "FR")
    assert found["address"]["city"] == "Springfield"
    fixed = create_intent(shipping=SENT)
    assert local_stripe.tell(f"payment_intents/{fixed.id}/pay", shipping=sent).status_code == 422
    assert local_stripe.tell(f"payment_intents/{fixed.id}/pay").status_code == 200
    assert shipping_of(fixed) == SHIPPING


def test_the_suffix_is_on_the_bank_statement(local_stripe: LocalStripe) -> None:
    intent = confirm(create_intent(statement_descriptor_suffix="7k3f-9qxm"), "pm_card_visa")
    charge = charge_of(intent.id)
    assert charge.statement_descriptor_suffix == "7k3f-9qxm"
    assert charge.calculated_statement_descriptor == "LOCAL SHOP* 7K3F-9QXM"
    session = create(payment_intent_data={"statement_descriptor_suffix": "7K3F-9QXM"})
    local_stripe.pay(session)
    paid = stripe.checkout.Session.retrieve(session.id, expand=["payment_intent"]).payment_intent
    assert isinstance(paid, stripe.PaymentIntent)
    assert paid.statement_descriptor_suffix == "7K3F-9QXM"


@pytest.mark.parametrize(
    "suffix", ["ELEVEN CHAR", "7393-9999", *(f"A{forbidden}B" for forbidden in "<>\\'\"*")]
)
@pytest.mark.usefixtures("local_stripe")
def test_refuses_a_suffix(suffix: str) -> None:
    assert refused(statement_descriptor_suffix=suffix).param == "statement_descriptor_suffix"
    intent = create_intent(statement_descriptor_suffix="OK")
    with pytest.raises(stripe.InvalidRequestError):
        intent.modify(intent.id, statement_descriptor_suffix=suffix)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        create(payment_intent_data={"statement_descriptor_suffix": suffix})
    assert caught.value.param == "payment_intent_data[statement_descriptor_suffix]"
