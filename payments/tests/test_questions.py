"""What Stripe's page asks for besides the payment: settings that are off by default."""

from typing import Any

import pytest
from django.test import Client

from store.models import Item
from tests.support.answers import error_of
from tests.support.local_stripe import LocalStripe
from tests.support.payments import pay_and_settle

QUESTIONS = {
    "CHECKOUT_PHONE_NUMBER": ("phone_number_collection", {"enabled": "true"}),
    "CHECKOUT_TAX_ID": ("tax_id_collection", {"enabled": "true"}),
    "CHECKOUT_TERMS": ("consent_collection", {"terms_of_service": "required"}),
}
NAMES = [name for name, _value in QUESTIONS.values()]


def sent(local_stripe: LocalStripe) -> dict[str, Any]:
    """The parameters of the only session."""
    (request,) = local_stripe.requests("POST", "/v1/checkout/sessions")
    params: dict[str, Any] = request["params"]
    return params


def test_asks_for_nothing_by_default(
    client: Client, item: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    assert not any(getattr(settings, setting) for setting in QUESTIONS)
    client.get(f"/buy/{item.pk}")
    assert not any(name in sent(local_stripe) for name in NAMES)


@pytest.mark.parametrize("setting", QUESTIONS)
def test_each_setting_asks_for_one_thing(
    client: Client, item: Item, local_stripe: LocalStripe, settings: Any, setting: str
) -> None:
    local_stripe.configure(terms_url="https://shop.example/terms")
    setattr(settings, setting, True)
    session_id = client.get(f"/buy/{item.pk}").json()["id"]
    asked = {name: value for name, value in sent(local_stripe).items() if name in NAMES}
    assert asked == dict([QUESTIONS[setting]])
    assert pay_and_settle(local_stripe, session_id).state == "paid"


def test_nothing_is_held_where_the_dashboard_has_no_terms(
    client: Client, make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.CHECKOUT_TERMS = True
    item = make_item(stock=1)
    assert error_of(client.get(f"/buy/{item.pk}"), 502) == "stripe_refused"
    item.refresh_from_db()
    assert item.stock == 1
