"""Shipping rates, and orders with shipping."""

from typing import Any

from cart.models import ShippingRate


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
