"""Shipping rates, and orders with shipping."""

from typing import Any

from django.utils import timezone

from cart.freezing import (
    FrozenOrder,
    freeze_item,
    freeze_order,
)
from cart.item_quote import quote_item
from cart.models import Cause, HistoryKind, Order, ShippingRate
from cart.quote import Quote, quote_order
from cart.shipping import QuotedShipping
from store.models import Item

CAUSE = Cause(HistoryKind.EDIT)


def add_rate(amount: int = 490, *countries: str, **values: Any) -> ShippingRate:
    """Make a rate in USD to these countries, or to everywhere else. In minor units."""
    defaults = {"name": "Parcel", "currency": "USD", "delivery_time": "2–3 working days"}
    return ShippingRate.objects.create(
        amount=amount, countries=list(countries), **(defaults | values)
    )


def offer_only(rate: ShippingRate | None) -> None:
    """Switch off the other rates; all of them for None."""
    ShippingRate.objects.update(is_active=False)
    if rate:
        ShippingRate.objects.filter(pk=rate.pk).update(is_active=True)


def cart_of(*items: Item, **values: Any) -> Order:
    order = Order.objects.create(**({"visitor": "v", "currency": "USD"} | values))
    for item in items:
        order.lines.create(item=item, name=item.name, unit_amount=item.amount)
    return order


def chosen(country: str, rate: ShippingRate | None = None) -> dict[str, Any]:
    """An order's fields after its buyer has chosen this now."""
    fields = {"chosen_country": country, "chosen_rate": rate and rate.pk}
    return fields | {"shipping_chosen_at": timezone.now()}


def quote(order: Order) -> Quote:
    return quote_order(order, at=timezone.now())


def shipping_of(order: Order) -> QuotedShipping:
    shipping = quote(order).shipping
    assert shipping is not None
    return shipping


def freeze(order: Order, shown_fingerprint: str | None = None) -> FrozenOrder:
    return freeze_order(
        order, shown_fingerprint=shown_fingerprint, address_hash="", at=timezone.now()
    )


def freeze_one(item: Item, visitor: str = "v") -> Order:
    quoted = quote_item(item, visitor)
    return freeze_item(quoted, address_hash="", buy_key=f"of {visitor}", at=timezone.now()).order
