"""Write a row for each mail, in the transaction that causes it. notifications.sending sends it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from cart import signals
from cart.models import Order, OrderAlert
from notifications.models import Mail, MailReason
from payments.alerts import DISPUTES
from store.models import Item


def connect() -> None:
    """Listen to the signals of orders."""
    signals.order_paid_in_transaction.connect(order_was_paid)
    signals.payment_processing_in_transaction.connect(payment_is_processing)
    signals.payment_failed_in_transaction.connect(payment_has_failed)
    signals.order_refunded_in_transaction.connect(order_was_refunded)
    signals.order_shipped_in_transaction.connect(order_was_shipped)
    signals.alert_raised_in_transaction.connect(alert_was_raised)


def write(*mails: Mail) -> None:
    """Store the mails that aren't stored yet, in one statement."""
    Mail.objects.bulk_create(mails, ignore_conflicts=True)


def order_was_paid(order: Order, **_signal: Any) -> None:
    confirmation = _to_buyer(order, MailReason.ORDER_CONFIRMED)
    write(*confirmation, Mail(order=order, reason=MailReason.NEW_ORDER), *_about_low_stock(order))


def payment_is_processing(order: Order, reference: str, **_signal: Any) -> None:
    write(*_to_buyer(order, MailReason.PAYMENT_PROCESSING, reference))


def payment_has_failed(order: Order, reference: str, **_signal: Any) -> None:
    write(*_to_buyer(order, MailReason.PAYMENT_FAILED, reference))


def order_was_refunded(order: Order, reference: str, **_signal: Any) -> None:
    write(*_to_buyer(order, MailReason.REFUNDED, reference))


def order_was_shipped(order: Order, notify: bool, at: datetime, **_signal: Any) -> None:
    """A corrected tracking is a new mail, and so is an order that is marked once more."""
    if notify:
        write(*_to_buyer(order, MailReason.SHIPPED, at.isoformat()))


def alert_was_raised(order: Order, alert: OrderAlert, **_signal: Any) -> None:
    reason = MailReason.DISPUTE if alert.reason in DISPUTES else MailReason.NEEDS_ATTENTION
    write(Mail(order=order, reason=reason, reference=str(alert.pk)))


def _to_buyer(order: Order, reason: MailReason, reference: str = "") -> list[Mail]:
    """No mail if the buyer's address isn't known: Stripe may not have asked for one."""
    if not order.email:
        return []
    return [Mail(order=order, reason=reason, reference=reference, to=order.email)]


def _about_low_stock(order: Order) -> list[Mail]:
    """At most one mail a day about each item."""
    if not settings.LOW_STOCK:
        return []
    today = timezone.localdate().isoformat()
    low = Item.objects.filter(order_lines__order=order, stock__lte=settings.LOW_STOCK)
    return [Mail(item=item, reason=MailReason.LOW_STOCK, reference=today) for item in low]
