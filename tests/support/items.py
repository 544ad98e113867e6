"""Items of a running shop that a test makes, and changes as staff do."""

from typing import Any

from tests.support.shops import Shop

IMPORTS = "from decimal import Decimal; from store.models import Item;"
SHIPPED_CURRENCY = "SEK"  # of no item that other tests use
RATES = """
from cart.models import ShippingRate
for values in [
    {"name": "Parcel", "amount": 4900, "countries": ["SE", "NO"], "delivery_time": "2–3 days"},
    {"name": "Express", "amount": 9900, "countries": ["SE"], "free_from_amount": 500000},
    {"name": "International parcel", "amount": 29900},
]:
    ShippingRate.objects.update_or_create(
        currency="SEK", name=values["name"], defaults=values | {"is_active": True}
    )
"""

COLOURS = ("Red", "Blue", "Green", "Black", "White")
THINGS = ("vase", "bowl", "plate", "jug", "cup", "lamp", "tray", "box", "bell", "clock")


def names_of_items() -> list[str]:
    """2,000 names that share their words, like Red vase 17."""
    return [
        f"{colour} {thing} {number}"
        for number in range(1, 41)
        for colour in COLOURS
        for thing in THINGS
    ]


def make_item(shop: Shop, **fields: Any) -> int:
    values = {"name": "Brass bell", "price": 20, "currency": "USD"} | fields
    return int(shop.run_python(f"{IMPORTS} print(Item.objects.create(**{values}).pk)"))


def borrow_pictures(shop: Shop, item: int, *, of: tuple[int, ...]) -> None:
    """Give the item the files of other items' pictures."""
    shop.run_python(
        "from store.models import Picture\n"
        f"for picture in Picture.objects.filter(item__in={of}):\n"
        f"    picture.pk, picture.item_id = None, {item}\n"
        "    picture.save()"
    )


def change_item(shop: Shop, item: int, **fields: Any) -> None:
    shop.run_python(f"{IMPORTS} Item.objects.filter(pk={item}).update(**{fields})")


def stock_of(shop: Shop, item: int) -> str:
    return shop.run_python(f"{IMPORTS} print(Item.objects.get(pk={item}).stock)")


def add_shipping_rates(shop: Shop) -> None:
    """Two rates to Sweden and one to everywhere else, for items in SHIPPED_CURRENCY."""
    shop.run_python(RATES)
