"""What the shop sells during a soak."""

import json
from dataclasses import dataclass
from typing import Any

from tests.support.clusters import Cluster

# Name: price, currency, stock; None never runs out.
ITEMS: dict[str, tuple[str, str, int | None]] = {
    "Mug": ("19.99", "USD", None),
    "Plate": ("7.35", "USD", None),
    "Bowl": ("12.10", "USD", 100_000),
    "Vase": ("33.33", "USD", 300),
    "Lamp": ("49.00", "USD", 7),
    "Patterns": ("4.20", "USD", None),
    "Tasse": ("18.49", "EUR", None),
    "Teller": ("6.66", "EUR", 100_000),
    "Krug": ("24.90", "EUR", 40),
    "Muster": ("3.70", "EUR", None),
}
DIGITAL = ("Patterns", "Muster")
# Without countries a rate goes everywhere else.
RATES: list[dict[str, Any]] = [
    {"name": "Parcel", "countries": ["DE", "AT"], "currency": "USD", "amount": 490},
    {
        "name": "Letter",
        "countries": ["DE"],
        "currency": "USD",
        "amount": 390,
        "free_from_amount": 5000,
    },
    {"name": "World", "currency": "USD", "amount": 1234},
    {"name": "Paket", "countries": ["DE", "FR"], "currency": "EUR", "amount": 555},
]
COUNTRIES = ["DE", "AT", "FR", "JP"]  # to some of them, nothing in EUR is sent
# Code: what a Discount has.
CODES = {
    "TEN": {"percent": "10"},
    "THIRD": {"percent": "33.33", "max_redemptions": 60},
    "FIVE": {"amount": 500, "currency": "USD", "max_redemptions": 25},
    "GIFT": {"percent": "100", "max_redemptions": 30},
}
MAKE = """
import json
from decimal import Decimal
from cart.models import Discount, ShippingRate, Tax
from store.models import Item, Shop
Shop.objects.create(pk=1, name="Clay", email="hello@clay.example")
for rate in {rates!r}:
    ShippingRate.objects.create(**rate)
Tax.objects.create(display_name="VAT", percentage=Decimal(7), is_inclusive=True)
Tax.objects.create(display_name="Levy", percentage=Decimal("2.5"))
for code, values in {codes!r}.items():
    percent = values.pop("percent", None)
    Discount.objects.create(code=code, percent=percent and Decimal(percent), **values)
made = dict()
for name, (price, currency, stock) in {items!r}.items():
    is_sent = name not in {digital!r}
    values = dict(currency=currency, stock=stock, needs_shipping=is_sent)
    item = Item.objects.create(name=name, price=Decimal(price), **values)
    made[item.pk] = [currency, stock]
print(json.dumps(made))
"""


@dataclass(frozen=True)
class Catalogue:
    """Items by their id: currency and stock at the beginning."""

    items: dict[int, tuple[str, int | None]]

    def items_in(self, currency: str) -> list[int]:
        return [item for item, (theirs, _stock) in self.items.items() if theirs == currency]

    def all_items(self) -> list[int]:
        return list(self.items)


def create_catalogue(cluster: Cluster) -> Catalogue:
    sold = {"codes": CODES, "items": ITEMS, "digital": DIGITAL, "rates": RATES}
    made = json.loads(cluster.run_python(MAKE.format(**sold)))
    return Catalogue({int(item): (currency, stock) for item, (currency, stock) in made.items()})
