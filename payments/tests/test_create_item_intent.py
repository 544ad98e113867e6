"""POST /buy/<id>/intent: Stripe's Payment Element for one piece, in the shop's page."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, Tax
from payments.models import Kind, Payment, PaymentState
from store.models import Item
from tests.support.answers import NOWHERE, error_of
from tests.support.local_stripe import LocalStripe
from tests.support.presses import intent_of_item


def pay_here(client: Client, item: Item) -> Any:
    return client.post(f"/buy/{item.pk}/intent")


def test_answers_with_what_the_payment_element_needs(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    answer = pay_here(client, item)
    fields = answer.json()
    order = Order.objects.get()
    assert fields.keys() == {
        *("client_secret", "publishable_key", "amount", "currency"),
        *("return_url", "cancel_url"),
    }
    assert (fields["amount"], fields["currency"]) == (1999, "USD")
    assert fields["publishable_key"] == "pk_test_minicart"
    assert fields["return_url"] == f"http://testserver/order/{order.token}/return"
    assert "no-store" in answer["Cache-Control"]
    payment = Payment.objects.get()
    assert (payment.kind, payment.amount, payment.state) == (Kind.INTENT, 1999, PaymentState.OPEN)
    intent = local_stripe.intent(payment.stripe_id)
    assert (intent["amount"], intent["currency"]) == (1999, "usd")
    assert intent["metadata"]["order"] == order.number


def test_the_amount_is_our_own_total_with_taxes(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    Tax.objects.create(display_name="Levy", percentage=Decimal(5), is_inclusive=True)
    intent = local_stripe.intent(intent_of_item(client, item))
    assert intent["amount"] == Order.objects.get().total_amount == 1999 + 381
    assert local_stripe.requests("POST", "/v1/tax_rates") == []


def test_pressing_again_gives_the_same_intent(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    assert intent_of_item(client, item) == intent_of_item(client, item)
    assert Payment.objects.count() == 1


def test_a_new_price_makes_a_new_intent_and_cancels_the_old(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = intent_of_item(client, item)
    Item.objects.update(price=5)
    second = local_stripe.intent(intent_of_item(client, item))
    assert second["amount"] == 500
    assert local_stripe.intent(first)["status"] == "canceled"


def test_choosing_pay_here_after_buy_expires_the_session_first(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    session_id = client.get(f"/buy/{item.pk}").json()["id"]
    intent_id = intent_of_item(client, item)
    assert local_stripe.session(session_id)["status"] == "expired"
    assert local_stripe.intent(intent_id)["status"] == "requires_payment_method"
    calls = [each["path"] for each in local_stripe.all_requests() if each["method"] == "POST"]
    assert calls.index(f"/v1/checkout/sessions/{session_id}/expire") < calls.index(
        "/v1/payment_intents"
    )
    states = Payment.objects.order_by("pk").values_list("kind", "state")
    assert list(states) == [("checkout", "expired"), ("intent", "open")]


def test_choosing_buy_after_pay_here_cancels_the_intent_first(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    intent_id = intent_of_item(client, item)
    session_id = client.get(f"/buy/{item.pk}").json()["id"]
    assert local_stripe.intent(intent_id)["status"] == "canceled"
    assert local_stripe.session(session_id)["status"] == "open"
    item.refresh_from_db()
    assert item.stock == 0


def test_choosing_buy_during_the_first_call_ends_that_attempt(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    intent_of_item(client, item)
    Payment.objects.update(stripe_id="")
    assert client.get(f"/buy/{item.pk}").status_code == 200
    states = Payment.objects.order_by("pk").values_list("kind", "state")
    assert list(states) == [("intent", "failed"), ("checkout", "open")]


def test_an_overdue_intent_is_not_handed_out_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = intent_of_item(client, item)
    Payment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert intent_of_item(client, item) != first
    assert local_stripe.intent(first)["status"] == "canceled"


def test_is_404_if_the_shop_takes_only_checkout(client: Client, item: Item, settings: Any) -> None:
    settings.PAYMENT_METHODS = ["checkout"]
    assert error_of(pay_here(client, item), 404) == "not_offered"
    settings.PAYMENT_METHODS = ["intent"]
    assert error_of(client.get(f"/buy/{item.pk}"), 404) == "not_offered"
    assert client.post(f"/buy/{item.pk}").status_code == 404


def test_errors_are_json_with_a_message(
    client: Client, make_item: Any, monkeypatch: pytest.MonkeyPatch, local_stripe: LocalStripe
) -> None:
    assert error_of(client.post("/buy/999/intent"), 404) == "not_found"
    assert error_of(pay_here(client, make_item(stock=0)), 409) == "sold_out"
    tiny = make_item(price=Decimal("0.10"))
    assert error_of(pay_here(client, tiny), 422) == "amount_too_small"
    monkeypatch.setattr("stripe.api_base", NOWHERE)
    monkeypatch.setattr("stripe.max_network_retries", 0)
    item = make_item(stock=1)
    assert error_of(pay_here(client, item), 503) == "stripe_unavailable"
    item.refresh_from_db()
    assert item.stock == 1


def test_get_leads_to_the_item_and_creates_nothing(client: Client, item: Item) -> None:
    path = f"/buy/{item.pk}/intent"
    for answer in (client.get(path), client.head(path)):
        assert (answer.status_code, answer["Location"]) == (303, f"/item/{item.pk}")
    assert client.put(path).status_code == 405
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("currency", "price", "amount"),
    [("JPY", "500", 500), ("KWD", "1.230", 1230), ("ISK", "1500", 150_000), ("USD", "0.50", 50)],
)
def test_sends_the_minor_units_of_every_currency(
    client: Client,
    make_item: Any,
    local_stripe: LocalStripe,
    currency: str,
    price: str,
    amount: int,
) -> None:
    item = make_item(currency=currency, price=Decimal(price))
    assert local_stripe.intent(intent_of_item(client, item))["amount"] == amount
    session = local_stripe.session(client.get(f"/buy/{item.pk}").json()["id"])
    assert (session["amount_total"], session["currency"]) == (amount, currency.lower())


def test_the_metadata_names_the_order_and_the_request(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    answer = pay_here(client, item)
    payment = Payment.objects.get()
    metadata = {"order": payment.order.number, "request": answer["X-Request-ID"]}
    assert local_stripe.intent(payment.stripe_id)["metadata"] == metadata
    Payment.objects.update(stripe_id="")  # as after a crash before the id was stored
    assert intent_of_item(client, item) == payment.stripe_id
    checkout = client.get(f"/buy/{item.pk}")
    session = local_stripe.session(checkout.json()["id"])
    number = Payment.objects.latest("pk").order.number
    assert session["metadata"] == {"order": number, "request": checkout["X-Request-ID"]}


@pytest.mark.django_db(transaction=True)
def test_a_new_tax_ends_the_attempt_with_the_old_amount(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    client.post(f"/buy/{item.pk}/intent")
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    assert client.post(f"/buy/{item.pk}/intent").json()["amount"] == 2399
