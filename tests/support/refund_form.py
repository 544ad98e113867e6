"""The refund form of a payment in the admin."""

import re

from django.test import Client

from payments.models import Payment


def address(payment: Payment) -> str:
    return f"/admin/cart/order/{payment.order_id}/refund/{payment.pk}/"


def filled_form(client: Client, payment: Payment, **values: str) -> dict[str, str]:
    """The fields that the form sends, with the hidden key of the page."""
    page = client.get(address(payment)).content.decode()
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    return {"amount": "5.00", "reason": "requested_by_customer", "key": key} | values


def pieces(payment: Payment, **quantities: int) -> dict[str, str]:
    """The fields that choose these pieces, by the name of their item."""
    lines = {line.name: line.pk for line in payment.order.lines.all()}
    return {f"pieces-{lines[name]}": str(quantity) for name, quantity in quantities.items()}


def values(page: str) -> dict[str, str]:
    """What the fields of the form would send, except its choices and buttons."""
    form = page[page.index('<form class="refund"') :]
    fields = re.findall(r'<input type="(?:hidden|number|text)" name="([^"]+)"([^>]*)>', form)
    return {name: "".join(re.findall(r'value="([^"]*)"', rest)) for name, rest in fields}


def all_chosen(client: Client, payment: Payment) -> str:
    """The page after "Choose all pieces"."""
    first = client.get(address(payment)).content.decode()
    sent = values(first) | {"reason": "duplicate", "all": "Choose all pieces"}
    return client.post(address(payment), sent).content.decode()
