"""What an order with shipping sends to Stripe: a line item, the country, a coupon, the intent."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from cart.models import Discount, Order, State
from payments.models import Payment
from store.models import Item
from tests.support.carts import add, add_tax, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid_cart, pay_and_settle
from tests.support.presses import new_browser, press_buy, session_of_cart
from tests.support.shipping import add_rate


@pytest.fixture
def digital(make_item: Any) -> Item:
    item: Item = make_item(name="Song", needs_shipping=False)
    return item


def sent(local_stripe: LocalStripe, path: str = "/v1/checkout/sessions") -> list[dict[str, Any]]:
    """The parameters of these calls."""
    return [each["params"] for each in local_stripe.requests("POST", path)]


@pytest.mark.parametrize("amount", [490, 0])
def test_shipping_is_the_last_line_item_and_has_the_tax_rates(
    client: Client, item: Item, local_stripe: LocalStripe, amount: int
) -> None:
    add_rate(amount, "DE")
    add_tax("19", is_inclusive=True)
    add_tax("5")
    add(client, item, quantity=2)
    order = pay_and_settle(local_stripe, session_of_cart(client))
    (params,) = sent(local_stripe)
    piece, shipping = params["line_items"].values()
    assert shipping["price_data"]["product_data"] == {
        "name": "Parcel",
        "description": "2–3 working days",
    }
    assert (shipping["price_data"]["unit_amount"], shipping["quantity"]) == (str(amount), "1")
    assert shipping["tax_rates"] == piece["tax_rates"]
    assert params["shipping_address_collection"] == {"allowed_countries": {"0": "DE"}}
    assert (order.state, order.shipping_amount) == (State.PAID, amount)


def test_one_click_asks_for_the_address_of_an_item_that_is_sent(
    item: Item, digital: Item, local_stripe: LocalStripe
) -> None:
    add_rate(490, "DE")
    press_buy(item)
    press_buy(digital)
    of_item, of_digital = sent(local_stripe)
    assert of_item["shipping_address_collection"] == {"allowed_countries": {"0": "DE"}}
    assert "shipping_address_collection" not in of_digital
    assert [len(each["line_items"]) for each in (of_item, of_digital)] == [2, 1]
    assert [payment.amount for payment in Payment.objects.order_by("pk")] == [2489, 1999]


def test_a_cart_that_became_digital_asks_for_nothing(
    client: Client, item: Item, digital: Item, local_stripe: LocalStripe
) -> None:
    """The country that the buyer chose before stays with the cart."""
    add_rate(490, "DE")
    add(client, item)
    add(client, digital)
    client.post("/order/shipping", {"currency": "USD", "country": "DE"})
    session_of_cart(client)
    Order.objects.get().lines.filter(item=item).delete()
    local_stripe.expire(Payment.objects.get().stripe_id)
    session_of_cart(client)
    first, second = sent(local_stripe)
    assert "shipping_address_collection" in first
    assert "shipping_address_collection" not in second
    order = Order.objects.get()
    assert (order.chosen_country, order.shipping_country) == ("DE", "")


def test_a_shop_without_rates_sells_as_before(item: Item, local_stripe: LocalStripe) -> None:
    press_buy(item)
    (params,) = sent(local_stripe)
    assert "shipping_address_collection" not in params
    assert len(params["line_items"]) == 1


def test_an_order_with_shipping_has_a_coupon_for_itself(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """Stripe's percentage would be taken from shipping too."""
    item = make_item(price=Decimal(10))
    add_rate(490)
    Discount.objects.create(code="TEN", percent=Decimal(10))
    paid_cart({item: 1}, local_stripe, code="TEN")
    paid_cart({item: 2}, local_stripe, code="TEN")
    coupons = sent(local_stripe, "/v1/coupons")
    assert [each["amount_off"] for each in coupons] == ["100", "200"]
    for coupon, order in zip(coupons, Order.objects.order_by("pk"), strict=True):
        assert coupon["id"].startswith(order.number)
        assert (coupon["name"], coupon["max_redemptions"]) == ("TEN", "1")
        assert "percent_off" not in coupon
    assert [order.total_amount for order in Order.objects.order_by("pk")] == [1390, 2290]


def test_orders_without_shipping_share_a_coupon(digital: Item, local_stripe: LocalStripe) -> None:
    add_rate(490)
    Discount.objects.create(code="TEN", percent=Decimal(10))
    for quantity in (1, 2):
        paid_cart({digital: quantity}, local_stripe, code="TEN")
    (coupon,) = sent(local_stripe, "/v1/coupons")
    assert coupon["percent_off"] == "10.0"


def test_the_whole_discount_leaves_shipping_to_pay(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add_rate(490)
    add_tax("20")
    Discount.objects.create(code="FREE", percent=Decimal(100))
    add(client, item)
    use_code(client, "FREE")
    order = pay_and_settle(local_stripe, session_of_cart(client))
    assert (order.discount_amount, order.total_amount, order.state) == (1999, 588, State.PAID)


@pytest.mark.parametrize("asks_phone_number", [False, True])
def test_pay_here_is_told_the_country(
    item: Item, local_stripe: LocalStripe, settings: Any, asks_phone_number: bool
) -> None:
    settings.CHECKOUT_PHONE_NUMBER = asks_phone_number
    add_rate(490, "DE")
    answer = new_browser().post(f"/buy/{item.pk}/intent").json()
    assert (answer["shipping_country"], answer["asks_phone_number"]) == ("DE", asks_phone_number)
    assert answer["amount"] == 2489
    (params,) = sent(local_stripe, "/v1/payment_intents")
    assert params["amount"] == "2489"


def test_pay_here_of_a_digital_item_has_no_country(
    digital: Item, local_stripe: LocalStripe
) -> None:
    add_rate(490, "DE")
    answer = new_browser().post(f"/buy/{digital.pk}/intent").json()
    assert not {"shipping_country", "asks_phone_number"} & answer.keys()
