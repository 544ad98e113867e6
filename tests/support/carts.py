"""Requests that change the cart, by Django's test client."""

from decimal import Decimal
from typing import Any

from django.test import Client

from cart.models import Order, OrderLine, Tax
from store.models import Item

HTMX = {"HX-Request": "true"}


def add(client: Client, item: Item | int, htmx: bool = False, **fields: Any) -> Any:
    number = item if isinstance(item, int) else item.pk
    headers = HTMX if htmx else {}
    return client.post("/order/lines", {"item": number} | fields, headers=headers)


def fill_cart(client: Client, wanted: dict[Item, int]) -> None:
    """Add the first item by a request, and the others in the database, which is quicker."""
    (first, quantity), *others = wanted.items()
    add(client, first, quantity=quantity)
    (order,) = Order.objects.open_for(client.session["visitor"])
    order.lines.bulk_create(
        OrderLine(order=order, item=item, quantity=n, name=item.name, unit_amount=item.amount)
        for item, n in others
    )


def quantities(client: Client) -> dict[str, int]:
    """What the visitor's only cart holds: quantities by name."""
    (order,) = Order.objects.open_for(client.session["visitor"])
    return {line.name: line.quantity for line in order.lines.all()}


def use_code(client: Client, code: str) -> None:
    answer = client.post("/order/discount", {"code": code, "currency": "USD"})
    assert answer.status_code == 303


def add_tax(percentage: str = "20", **values: Any) -> Tax:
    return Tax.objects.create(display_name="VAT", percentage=Decimal(percentage), **values)
