"""The admin's pages about orders that have to be sent."""

from django.test import Client

from cart.models import Order
from tests.support.answers import page_of

LIST = "/admin/cart/order/"


def row_of(page: str, order: Order) -> str:
    """The cells of the order's row in the list, without their tags."""
    rows = [row for row in page.split("<tr>") if order.number in row]
    return rows[0] if rows else ""


def listed(client: Client, *orders: Order, query: str = "") -> list[bool]:
    page = page_of(client, LIST + query)
    return [bool(row_of(page, order)) for order in orders]


def press(client: Client, order: Order, button: str = "mark", **typed: str) -> str:
    address = f"{LIST}{order.pk}/shipped/"
    answer = client.post(address, {button: "x"} | typed, follow=True)
    order.refresh_from_db()
    return answer.content.decode()
