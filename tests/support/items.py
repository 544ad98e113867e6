"""Items of a running shop that a test makes, and changes as staff do."""

from typing import Any

from tests.support.shops import Shop

IMPORTS = "from decimal import Decimal; from store.models import Item;"


def make_item(shop: Shop, **fields: Any) -> int:
    values = {"name": "Brass bell", "price": 20, "currency": "USD"} | fields
    return int(shop.run_python(f"{IMPORTS} print(Item.objects.create(**{values}).pk)"))


def change_item(shop: Shop, item: int, **fields: Any) -> None:
    shop.run_python(f"{IMPORTS} Item.objects.filter(pk={item}).update(**{fields})")


def stock_of(shop: Shop, item: int) -> str:
    return shop.run_python(f"{IMPORTS} print(Item.objects.get(pk={item}).stock)")
