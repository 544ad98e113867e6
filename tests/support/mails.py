"""Orders that were paid, with the mails that wait about them."""

import re
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from typing import Any

from django.utils import timezone

from cart.models import Order
from notifications.models import Mail, MailReason
from notifications.rendering import render
from notifications.sending import send_due
from store.models import Shop

TAG = re.compile("<[^>]*>")


def paid_order(item: Any, *, email: str = "buyer@mail.example", **values: Any) -> Order:
    """A paid order of two pieces, as settling leaves it."""
    subtotal = 2 * item.amount
    fields = {"email": email, "state": "paid", "paid_at": timezone.now(), "currency": item.currency}
    fields |= {"subtotal_amount": subtotal, "total_amount": subtotal}
    order = Order.objects.create(**(fields | values))
    order.lines.create(item=item, quantity=2, name=item.name, unit_amount=item.amount)
    return order


def send_all() -> list[str]:
    """Send what is due; return the states of the mails that were tried."""
    return [str(mail.state) for mail in send_due()]


def let_pass(time: timedelta) -> None:
    """Make the mails older, as if `time` had passed."""
    for mail in Mail.objects.all():
        mail.next_try_at -= time
        mail.created_at -= time
        mail.failing_since = mail.failing_since and mail.failing_since - time
        mail.save()


def plain_text(mail: EmailMessage) -> str:
    body = mail.get_body(["plain"])
    assert body is not None
    return str(body.get_content())


def html(mail: EmailMessage) -> str:
    body = mail.get_body(["html"])
    assert body is not None
    return str(body.get_content())


def mailed_totals(order: Order) -> list[dict[str, list[str]]]:
    """The amounts of the totals in the confirmation: of its plain text, and of its HTML."""
    mail = Mail.objects.get(order=order, reason=MailReason.ORDER_CONFIRMED)
    text = render(mail, Shop.current())
    return [_totals_in(text.plain), _totals_in(unescape(TAG.sub("", text.html)))]


def _totals_in(text: str) -> dict[str, list[str]]:
    totals: dict[str, list[str]] = {
        name: [] for name in ("subtotal", "discount", "shipping", "tax", "total")
    }
    [figures] = re.findall(r"^Subtotal: .*?^Total: .*?$", text, re.MULTILINE | re.DOTALL)
    for line in figures.splitlines():
        label, _colon, amount = line.rpartition(": ")
        name = label.split()[0].lower()
        totals[name if name in totals else "tax"].append(amount.removeprefix("−"))
    return totals
