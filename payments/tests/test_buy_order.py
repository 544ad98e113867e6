"""GET and POST /order/buy: the whole cart in one Checkout Session."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.freezing import AlreadyOpen, freeze_order
from cart.models import Discount, Order
from cart.quote import quote_order
from payments.models import Payment
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, add_tax, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import pay_and_settle
from tests.support.presses import buy_cart, session_of_cart


def test_one_session_for_all_lines_with_coupon_and_tax_rates(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add_tax("9")
    add_tax("21", is_inclusive=True, country="NL")
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, make_item(name="Cup"), quantity=2)
    add(client, make_item(name="Pot", price=Decimal(40)))
    use_code(client, "TEN")
    shown = quote_order(Order.objects.get(), at=timezone.now()).totals
    session = local_stripe.session(session_of_cart(client))
    order = Order.objects.get()
    assert session["amount_subtotal"] == shown.subtotal == order.subtotal_amount == 7998
    assert session["total_details"]["amount_discount"] == shown.discount == order.discount_amount
    assert session["total_details"]["amount_tax"] == sum(shown.taxes)
    assert session["amount_total"] == shown.total == order.total_amount
    sent = local_stripe.requests("POST", "/v1/coupons")[-1]["params"]
    assert (sent["name"], sent["percent_off"]) == ("TEN", "10.0")


def test_the_form_without_javascript_redirects_to_stripe(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    answer = client.post("/order/buy", {"currency": "USD"})
    assert answer.status_code == 303
    session = local_stripe.all_sessions()[0]
    assert answer["Location"] == session["url"]
    assert session["cancel_url"].endswith("/order")


def test_a_second_press_gives_the_same_open_session(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    assert session_of_cart(client) == session_of_cart(client)
    assert Payment.objects.count() == 1


def test_a_paid_order_leaves_an_empty_cart_and_can_not_be_paid_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    pay_and_settle(local_stripe, session_of_cart(client))
    assert "Your cart is empty." in client.get("/order").content.decode()
    assert error_of(buy_cart(client), 422) == "cart_empty"
    add(client, item)
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cart", "paid"]


def test_an_order_in_checkout_is_not_frozen_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    session_of_cart(client)
    with pytest.raises(AlreadyOpen):
        freeze_order(
            Order.objects.get(), shown_fingerprint=None, address_hash="", at=timezone.now()
        )
    assert 'class="total" data-amount="1999"' in client.get("/order").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_limited_code_is_held_no_longer_than_limited_stock(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, item)
    use_code(client, "ONCE")
    client.get("/order/buy")
    assert Payment.objects.get().expires_at - timezone.now() < timedelta(minutes=36)
