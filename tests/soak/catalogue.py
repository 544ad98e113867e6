"""What the shop sells during a soak."""

import json
from dataclasses import dataclass

from tests.support.clusters import Cluster

# Name: price, currency, stock; None never runs out.
ITEMS: dict[str, tuple[str, str, int | None]] = {
    "Mug": ("19.99", "USD", None),
    "Plate": ("7.35", "USD", None),
    "Bowl": ("12.10", "USD", 100_000),
    "Vase": ("33.33", "USD", 300),
    "Lamp": ("49.00", "USD", 7),
    "Tasse": ("18.49", "EUR", None),
    "Teller": ("6.66", "EUR", 100_000),
    "Krug": ("24.90", "EUR", 40),
}
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
from cart.models import Discount, Tax
from store.models import Item
Tax.objects.create(display_name="VAT", percentage=Decimal(7), is_inclusive=True)
Tax.objects.create(display_name="Levy", percentage=Decimal("2.5"))
for code, values in {codes!r}.items():
    percent = values.pop("percent", None)
    Discount.objects.create(code=code, percent=percent and Decimal(percent), **values)
made = dict()
for name, (price, currency, stock) in {items!r}.items():
    item = Item.objects.create(name=name, price=Decimal(price), currency=currency, stock=stock)
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
    made = json.loads(cluster.run_python(MAKE.format(codes=CODES, items=ITEMS)))
    return Catalogue({int(item): (currency, stock) for item, (currency, stock) in made.items()})
