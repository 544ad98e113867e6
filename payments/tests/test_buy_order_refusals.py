"""GET and POST /order/buy when the cart can't be bought: it stays as it is."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, OrderLine, State
from cart.quote import quote_order
from payments.models import Payment, PaymentState
from store.models import Item
from tests.support.answers import NOWHERE, error_of
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.presses import buy_cart, session_of_cart


def test_a_code_with_one_redemption_is_refused_to_the_second_buyer(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    first, second = Client(), Client()
    for client in (first, second):
        add(client, make_item())
        use_code(client, "ONCE")
    session_of_cart(first)
    assert error_of(buy_cart(second), 409) == "discount_refused"
    assert "has been used up" in second.get("/order").content.decode()
    assert Discount.objects.get().times_redeemed == 1


def test_a_changed_price_must_be_shown_before_buying(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    old = quote_order(Order.objects.get(), at=timezone.now()).fingerprint
    Item.objects.update(price=Decimal(25))
    assert error_of(buy_cart(client), 409) == "order_changed"
    assert error_of(buy_cart(client, shown_fingerprint=old), 409) == "order_changed"
    answer = client.post("/order/buy", {"currency": "USD", "shown_fingerprint": old})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Your cart has changed: the total is $25.00 now." in page
    new = page.split('name="shown_fingerprint" value="')[1].split('"')[0]
    session = local_stripe.session(session_of_cart(client, shown_fingerprint=new))
    assert session["amount_total"] == 2500


@pytest.mark.parametrize("change", [{"is_listed": False}, {"stock": 0}, {"currency": "EUR"}])
def test_a_line_that_can_not_be_bought_is_409(
    client: Client, item: Item, local_stripe: LocalStripe, change: dict[str, Any]
) -> None:
    add(client, item)
    Item.objects.update(**change)
    assert error_of(buy_cart(client), 409) == "order_changed"
    assert Order.objects.get().state == State.CART


def test_an_empty_cart_is_422(client: Client, item: Item) -> None:
    assert error_of(buy_cart(client), 422) == "cart_empty"
    add(client, item)
    assert error_of(buy_cart(client, currency="EUR"), 422) == "cart_empty"
    posted = client.post("/order/buy", {"currency": "U\0D"})  # PostgreSQL takes no NUL
    assert posted.status_code == 422
    client.post(f"/order/lines/{OrderLine.objects.get().pk}/remove")
    assert error_of(buy_cart(client), 422) == "cart_empty"
    page = client.post("/order/buy")
    assert page.status_code == 422
    assert "Your cart is empty." in page.content.decode()


def test_several_currencies_are_paid_one_at_a_time_each_at_its_account(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, make_item(currency="USD"))
    add(client, make_item(currency="EUR"))
    assert error_of(buy_cart(client), 422) == "choose_currency"
    euro = buy_cart(client, currency="EUR").json()
    assert euro["publishable_key"] == "pk_test_minieuro"
    assert local_stripe.key_of(euro["id"]) == "sk_test_minieuro"


def test_below_stripes_minimum_is_422(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, make_item(price=Decimal("0.10")))
    answer = buy_cart(client)
    assert error_of(answer, 422) == "amount_too_small"
    assert "at least $0.50" in answer.json()["error"]["message"]
    assert Order.objects.get().state == State.CART


def test_stripe_out_of_reach_leaves_the_cart_as_it_is(
    client: Client, make_item: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.api_base", NOWHERE)
    monkeypatch.setattr("stripe.max_network_retries", 0)
    item = make_item(stock=1)
    add(client, item)
    page = client.post("/order/buy", {"currency": "USD"})
    assert page.status_code == 503
    assert "can’t reach the payment page" in page.content.decode()
    item.refresh_from_db()
    assert (item.stock, Order.objects.get().state) == (1, State.CART)
    assert Payment.objects.get().state == PaymentState.FAILED


def test_head_and_prefetch_create_nothing(client: Client, item: Item) -> None:
    add(client, item)
    assert client.head("/order/buy").status_code == 405
    prefetch = client.get("/order/buy", headers={"Sec-Purpose": "prefetch"})
    assert error_of(prefetch, 503) == "not_pressed"
    assert not Payment.objects.exists()


@pytest.mark.parametrize("change", [{"is_active": False}, {"ends_at": timezone.now()}])
def test_a_code_that_ended_is_left_out_after_the_page_showed_it(
    client: Client, item: Item, local_stripe: LocalStripe, change: dict[str, Any]
) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    use_code(client, "TEN")
    Discount.objects.update(**change)
    assert error_of(buy_cart(client), 409) == "discount_refused"
    fingerprint = quote_order(Order.objects.get(), at=timezone.now()).fingerprint
    session = local_stripe.session(session_of_cart(client, shown_fingerprint=fingerprint))
    assert session["amount_total"] == 1999
    order = Order.objects.get()
    assert (order.discount, order.discount_code) == (None, "")
