"""Orders that have to be sent, in the way that settling leaves them."""

from typing import Any

import pytest
from django.utils import timezone

from cart.models import Order, OrderLine, ShippingAddress, State
from store.models import Item


@pytest.fixture
def make_order(item: Item) -> Any:
    def make(*names: str, **values: Any) -> Order:
        now = timezone.now()
        defaults = {"currency": "USD", "subtotal_amount": 3998, "total_amount": 3998}
        defaults |= {"state": State.PAID, "paid_at": now, "frozen_at": now}
        order = Order.objects.create(**(defaults | {"needs_shipping": True} | values))
        for name in names or ("Stoneware mug",):
            other = (
                item
                if name == item.name
                else Item.objects.create(name=name, price=5, currency="USD")
            )
            OrderLine.objects.create(
                order=order, item=other, name=name, quantity=2, unit_amount=1999
            )
        return order

    return make


@pytest.fixture
def order(make_order: Any) -> Order:
    made: Order = make_order(buyer_name="Ada Byron", email="ada@shop.example")
    ShippingAddress.objects.create(
        order=made,
        name="Ada Byron",
        line1="1 High Street",
        postal_code="E1 6AN",
        city="London",
        country="GB",
        phone="+44 20 1234",
    )
    return made
