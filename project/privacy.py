"""Forget a buyer: delete the personal data of old orders, and keep what the law wants kept.

It is in this layer because the data is in cart, payments and notifications.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cart.models import Cause, HistoryKind, Order, ShippingAddress, State
from cart.signals import buyer_forgotten
from notifications.models import Mail
from payments.models import ENDED_BUT_PAYABLE, IN_FLIGHT, PENDING, PaymentState, Refund

logger = logging.getLogger(__name__)


# Buyers have no customer object at Stripe, so redaction starts from their payments.
STRIPE_GUIDE = "https://docs.stripe.com/privacy/redaction"


@dataclass(frozen=True)
class Decision:
    """What became of one order: its data is deleted, or kept for a reason."""

    order: Order
    why_kept: str  # "" if the data is deleted


def orders_of(email: str) -> QuerySet[Order]:
    """The orders with this address, in any case of its letters."""
    return Order.objects.filter(email__iexact=email.strip()).exclude(email="").order_by("pk")


def forget_buyer(email: str, *, at: datetime, by: str) -> list[Decision]:
    """Delete what the orders of this address say about the buyer. `by` is for their history."""
    return [_forget(pk, at=at, by=by) for pk in orders_of(email).values_list("pk", flat=True)]


def _forget(pk: int, *, at: datetime, by: str) -> Decision:
    with transaction.atomic():
        order = Order.objects.locked(pk)
        if reason := why_kept(order, at=at):
            return Decision(order, reason)
        _delete_personal_data(order)
        order.note(Cause(HistoryKind.STAFF, by, _("forgot the buyer")), at=at)
    logger.info("order %s: the buyer's data was deleted", order)
    buyer_forgotten.send_robust(Order, order=order)
    return Decision(order, why_kept="")


def why_kept(order: Order, *, at: datetime) -> str:
    """Why the order's personal data is still needed; "" if it isn't."""
    is_payable = order.payments.filter(Q(state__in=PENDING) | ENDED_BUT_PAYABLE).exists()
    if order.state == State.PROCESSING or is_payable:
        return _("it isn’t paid yet")
    until = kept_until(order)
    if until and until >= timezone.localdate(at):
        return _("kept until %s") % date_format(until)
    if order.alerts.filter(resolved_at=None).exists():
        return _("it needs attention: deal with its alerts first")
    if order.is_to_ship:
        return _("it isn’t shipped yet")
    if Refund.objects.filter(payment__order=order, state__in=IN_FLIGHT).exists():
        return _("a refund is on its way")
    return ""


def kept_until(order: Order) -> date | None:
    """The last day on which the law wants it kept: RETENTION_YEARS after the year of payment.

    Money that didn't pay the order counts too. None where no money arrived.
    """
    last = order.paid_at
    if last is None and order.payments.filter(state=PaymentState.SUCCEEDED).exists():
        last = order.updated_at
    if last is None:
        return None
    return date(timezone.localdate(last).year + settings.RETENTION_YEARS, 12, 31)


def _delete_personal_data(order: Order) -> None:
    """Amounts, lines, the number, the country and Stripe's ids stay."""
    Order.objects.filter(pk=order.pk).update(
        email="",
        buyer_name="",
        tracking_number="",
        tracking_url="",
        visitor="",
        address_hash="",
        buy_key="",
        submission_ids=[],
    )
    ShippingAddress.objects.filter(order=order).delete()
    order.staff_notes.all().delete()
    Mail.objects.filter(order=order).delete()
    order.payments.update(instructions_url="")


def summary(decisions: list[Decision]) -> list[str]:
    """Say in sentences what was deleted, and what is kept until when."""
    if not decisions:
        return [_("No order has this e-mail address.")]
    forgotten = [each.order.number for each in decisions if not each.why_kept]
    lines = []
    if forgotten:
        text = _(
            "Deleted: e-mail, name, shipping address, phone, tracking, mails and staff notes of %s."
        )
        lines.append(text % ", ".join(forgotten))
    lines += [
        _("Order %(order)s keeps its data: %(reason)s.")
        % {"order": each.order, "reason": each.why_kept}
        for each in decisions
        if each.why_kept
    ]
    return [
        *lines,
        _("Stripe keeps its own data: redact the payments there, see %s") % STRIPE_GUIDE,
    ]
