"""POST /order/intent: the whole cart in one Payment Intent, over our own total."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, State, Tax
from payments.checkout import buy_order
from payments.errors import AlreadyPaid, answer_to
from payments.models import Kind, Payment, PaymentState
from payments.settlement import settle
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE
from tests.support.presses import intent_of_cart


def pay_here(client: Client, **fields: str) -> Any:
    return client.post("/order/intent", fields)


def test_the_amount_has_discount_and_taxes_in_it(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    Tax.objects.create(display_name="Levy", percentage=Decimal(5), is_inclusive=True)
    add(client, make_item(name="Cup"), quantity=2)
    add(client, make_item(name="Pot", price=Decimal(40)))
    use_code(client, "TEN")
    intent = local_stripe.intent(intent_of_cart(client))
    order = Order.objects.get()
    assert order.state == State.CHECKOUT
    assert intent["amount"] == order.total_amount == Payment.objects.get().amount
    taxes = sum(tax.amount for tax in order.taxes.all() if not tax.is_inclusive)
    assert order.total_amount == order.subtotal_amount - order.discount_amount + taxes
    assert local_stripe.requests("POST", "/v1/coupons") == []


def test_editing_the_cart_cancels_the_intent_and_the_copy_gets_its_own(
    client: Client,
    item: Item,
    local_stripe: LocalStripe,
    django_capture_on_commit_callbacks: Any,
) -> None:
    add(client, item)
    first = intent_of_cart(client)
    with django_capture_on_commit_callbacks(execute=True):
        add(client, item)
    assert local_stripe.intent(first)["status"] == "canceled"
    second = intent_of_cart(client)
    assert second != first
    assert local_stripe.intent(second)["amount"] == 2 * 1999


def test_nothing_to_pay_goes_to_checkout(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="FREE", percent=Decimal(100))
    add(client, item)
    use_code(client, "FREE")
    first, second = pay_here(client).json(), pay_here(client).json()
    assert first.keys() == {"id", "url", "publishable_key"}
    assert first["id"] == second["id"]
    assert Payment.objects.get().kind == Kind.CHECKOUT
    assert local_stripe.requests("POST", "/v1/payment_intents") == []


def test_each_currency_has_its_own_intent_at_its_own_account(
    client: Client, item: Item, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, item)
    add(client, make_item(currency="EUR"))
    assert error_of(pay_here(client), 422) == "choose_currency"
    for currency, account in (("USD", "minicart"), ("EUR", "minieuro")):
        answer = pay_here(client, currency=currency).json()
        assert answer["publishable_key"] == f"pk_test_{account}"
        intent_id = answer["client_secret"].split("_secret_")[0]
        assert local_stripe.intent(intent_id, f"sk_test_{account}")["currency"] == currency.lower()


def test_an_order_that_was_paid_meanwhile_is_not_paid_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """The other tab pays after this one has shown the cart and before its press."""
    add(client, item)
    intent_id = intent_of_cart(client)
    order = Order.objects.get()
    local_stripe.pay_intent(intent_id)
    settle(Payment.objects.get(), at=timezone.now(), cause=CAUSE)
    with pytest.raises(AlreadyPaid) as caught:
        buy_order(
            order=order,
            shown_fingerprint=None,
            address_hash="",
            kind=Kind.CHECKOUT,
            at=timezone.now(),
        )
    assert answer_to(caught.value).status == 409
    assert Payment.objects.count() == 1


def test_an_order_paid_at_stripe_and_not_settled_is_not_paid_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    local_stripe.pay_intent(intent_of_cart(client))
    assert error_of(client.get("/order/buy"), 409) == "already_paid"
    assert Payment.objects.get().state == PaymentState.SUCCEEDED


def test_an_empty_cart_and_a_stale_page_are_refused(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    assert error_of(pay_here(client), 422) == "cart_empty"
    add(client, item)
    assert error_of(pay_here(client, shown_fingerprint="old"), 409) == "order_changed"


def test_get_leads_to_the_cart_and_creates_nothing(client: Client, db: None) -> None:
    for answer in (client.get("/order/intent"), client.head("/order/intent")):
        assert (answer.status_code, answer["Location"]) == (303, "/order")
    assert client.put("/order/intent").status_code == 405
    assert not Payment.objects.exists()
