"""Invoices and credit notes as staff print them."""

from django.test import Client

from cart.models import Order
from tests.support.answers import page_of
from tests.support.shown_totals import shown_totals


def invoices_of(staff: Client, *orders: Order) -> list[str]:
    """The invoice of each order, then its credit notes."""
    numbers = ",".join(str(order.pk) for order in orders)
    page = page_of(staff, f"/admin/cart/order/print/?orders={numbers}&document=invoices")
    return page.split("<article")[1:]


def invoiced_totals(staff: Client, *orders: Order) -> list[dict[str, list[int]]]:
    """The amounts on the invoices of the orders, in minor units; they have no credit notes."""
    return [shown_totals(invoice) for invoice in invoices_of(staff, *orders)]
