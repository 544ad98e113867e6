"""The shop's own books, as JSON. Runs in `manage.py shell` of the shop, where its database is."""

import json
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from cart.models import Discount, Order, OrderLine
from notifications.models import Mail
from payments.models import InvoiceCounter, InvoiceKind
from store.models import Item
from tests.support.alerts import alert_messages


def printed() -> None:
    orders = Order.objects.prefetch_related(
        "lines__refunds", "history", "alerts", "payments__history", "invoices"
    ).select_related("shipping_address")
    books = {
        "orders": [_order(order) for order in orders],
        "stock": {str(item.pk): item.stock for item in Item.objects.all()},
        "visitors": {
            each.session_key: each.get_decoded().get("visitor") for each in Session.objects.all()
        },
        "redeemed": {each.code: each.times_redeemed for each in Discount.objects.all()},
        "counters": {each.series: each.last_number for each in InvoiceCounter.objects.all()},
        "mails": [
            [each.message_id, each.order and each.order.number, each.reason, each.state]
            for each in Mail.objects.select_related("order")
        ],
    }
    print(json.dumps(books))  # noqa: T201  # read by the soak


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "visitor": order.visitor,
        "copied_from": order.copied_from.number if order.copied_from else "",
        "superseded_at": order.superseded_at and f"{order.superseded_at:%H:%M:%S.%f}",
        "frozen_at": order.frozen_at and f"{order.frozen_at:%H:%M:%S.%f}",
        "is_one_click": bool(order.buy_key),
        "state": str(order.state),
        "attention": alert_messages(order),
        "alerts": [alert.reason for alert in order.alerts.all()],
        "code": order.discount.code if order.discount else "",
        "refunded": order.refunded_amount,
        "total": order.total_amount,
        "subtotal": order.subtotal_amount,
        "discount": order.discount_amount,
        "shipping": order.shipping_amount,
        "shipping_country": order.shipping_country,
        "address": _country(order),
        "invoices": [
            [each.number, each.amount]
            for each in order.invoices.all()
            if each.kind == InvoiceKind.INVOICE
        ],
        "credit_notes": [
            [each.number, each.amount, bool(each.voided_at)]
            for each in order.invoices.all()
            if each.kind == InvoiceKind.CREDIT_NOTE
        ],
        "lines": [_line(each) for each in order.lines.all()],
        "history": [f"{each.at:%H:%M:%S.%f} {each}" for each in order.history.all()],
        "payments": [
            {
                "id": each.stripe_id,
                "state": str(each.state),
                "amount": each.amount,
                "refunded": each.refunded_amount,
                "currency": each.currency,
                "is_overdue": each.expires_at <= timezone.now(),
                "history": [f"{step.at:%H:%M:%S.%f} {step}" for step in each.history.all()],
            }
            for each in order.payments.all()
        ],
    }


def _line(line: OrderLine) -> list[int]:
    """The item, its pieces, those that are taken from the stock, and those that have returned."""
    restocked = sum(each.restocked_quantity for each in line.refunds.all())
    return [line.item_id, line.quantity, line.held_quantity, restocked]


def _country(order: Order) -> str | None:
    """The country of the address that was read back from Stripe."""
    address = getattr(order, "shipping_address", None)
    return address and address.country
