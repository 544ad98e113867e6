"""Alerts: what staff must look at, and what to do about it. The admin shows them first."""

import logging
from collections.abc import Set
from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cart.models import Order, OrderAlert
from cart.signals import alert_raised, alert_raised_in_transaction, send_both

logger = logging.getLogger(__name__)


class Alert(models.TextChoices):
    """The reason codes of alerts, and what each tells staff to do."""

    PAID_WRONG_AMOUNT = (
        "paid_wrong_amount",
        _(
            "Stripe received {received} with {payment}, but the order says {expected}."
            " Find out why, then refund the payment."
        ),
    )
    PAID_TWICE = (
        "paid_twice",
        _("The order was paid a second time, by {payment}. Refund one of the two payments."),
    )
    PAID_BY_EARLIER_ATTEMPT = (
        "paid_by_earlier_attempt",
        _(
            "The order was paid by {payment}, an earlier attempt. It has changed since, or is being"
            " paid again. Compare it with the payment at Stripe, then deliver the order or refund"
            " it."
        ),
    )
    PAID_WHILE_CART = (
        "paid_while_cart",
        _(
            "The order was paid by {payment} when it was a cart again. It has no invoice, because"
            " its discount, shipping and taxes must be compared first. Compare it with the payment"
            " at Stripe, then deliver the order or refund it."
        ),
    )
    PAID_WITH_COPY = (
        "paid_with_copy",
        _(
            "The buyer edited the order while paying it, and order {other}, which has the same"
            " items, was paid too. Compare the two, then refund what was paid twice."
        ),
    )
    SOLD_OUT_WHEN_PAID = (
        "sold_out_when_paid",
        _(
            "The order was paid when nothing was held for it any more, and {item} is sold out."
            " Deliver the order or refund it."
        ),
    )
    CODE_USED_UP_WHEN_PAID = (
        "code_used_up_when_paid",
        _(
            "The order was paid after its hold had ended, and its discount code has been used up"
            " since. Deliver the order as it was paid, or refund it."
        ),
    )
    SHIPPING_COUNTRY_DIFFERS = (
        "shipping_country_differs",
        _(
            "The buyer paid for shipping to {expected}, but entered an address in {arrived}. Find"
            " out what it costs to send the order there, then deliver it or refund it."
        ),
    )
    SHIPPING_ADDRESS_MISSING = (
        "shipping_address_missing",
        _(
            "The buyer paid for shipping, but Stripe has no address with {payment}. Ask the buyer"
            " for it, then deliver the order or refund it."
        ),
    )
    UNKNOWN_AT_STRIPE = (
        "unknown_at_stripe",
        _(
            "The current keys of account {account} can’t read {payment}. Find it in the dashboard"
            " of the Stripe account where it was made. If it was paid, deliver the order, or refund"
            " it there."
        ),
    )
    REFUND_FAILED = (
        "refund_failed",
        _(
            "Refund {refund} of {amount} failed at the bank or was cancelled: pay the buyer back in"
            " another way."
        ),
    )
    REFUND_NOT_MADE = (
        "refund_not_made",
        _(
            "Stripe did not make refund {refund}. Check the payment in Stripe’s dashboard, then try"
            " again."
        ),
    )
    DISPUTE_OPENED = (
        "dispute_opened",
        _(
            "The buyer’s bank disputes this payment ({dispute}). Answer in Stripe’s dashboard,"
            " under Disputes; don’t refund it here."
        ),
    )
    DISPUTE_INQUIRY = (
        "dispute_inquiry",
        _(
            "The buyer’s bank asks about this payment ({dispute}). Answer in Stripe’s dashboard,"
            " under Disputes, or refund it in full here: that settles it."
        ),
    )
    FRAUD_WARNING = (
        "fraud_warning",
        _(
            "The buyer’s card network warns that this payment may be fraud ({warning}). Don’t"
            " deliver the order before you have checked it. If you don’t trust it, refund it in"
            " full now: that prevents a dispute and its fee."
        ),
    )
    DISPUTE_LOST = (
        "dispute_lost",
        _("Dispute {dispute} is lost: the bank took the money back. Don’t refund it."),
    )
    DISPUTE_PREVENTED = (
        "dispute_prevented",
        _(
            "Stripe ended dispute {dispute} before the buyer’s bank opened it. See in Stripe’s"
            " dashboard whether the buyer got the money back, before you deliver the order."
        ),
    )


DISPUTES = [
    Alert.DISPUTE_OPENED,
    Alert.DISPUTE_INQUIRY,
    Alert.DISPUTE_LOST,
    Alert.DISPUTE_PREVENTED,
]


def raise_alert(order: Order, alert: Alert, *, reference: str, at: datetime, **values: str) -> None:
    """Store an alert about what `reference` names, once for each reason and reference.

    An alert that staff have dealt with doesn't come back. `values` fill the message, which is in
    the shop's language and not in that of the request. Call it with the order's row locked.
    """
    with translation.override(settings.LANGUAGE_CODE):
        message = str(alert.label).format(**values)
    raised, is_new = OrderAlert.objects.get_or_create(
        order=order,
        reason=alert,
        reference=reference,
        defaults={"message": message, "raised_at": at},
    )
    if is_new:
        logger.error("order %s needs attention: %s", order, message)
        send_both(alert_raised_in_transaction, alert_raised, order=order, alert=raised)


def resolve_alert(order: Order, alert: Alert, *, reference: str, at: datetime) -> None:
    """Mark an alert as dealt with, if it is open, because its reason at Stripe is gone."""
    open_alerts = order.alerts.filter(reason=alert, reference=reference, resolved_at=None)
    open_alerts.update(resolved_at=at, resolved_by="Stripe")


class NewAlerts(Exception):
    """There are alerts that staff have not seen yet."""


@transaction.atomic
def resolve_alerts(orders: QuerySet[Order], *, only: Set[str] | None, by: str, at: datetime) -> int:
    """Mark the alerts of `orders` as dealt with, and return how many were open.

    `only` has the primary keys of the alerts that staff saw, or None for all. `by` is the name of
    the user. Raises NewAlerts if there are other alerts than these.
    """
    locked = orders.order_by().select_for_update(of=("self",)).values_list("pk", flat=True)
    unresolved = OrderAlert.objects.filter(order__in=list(locked), resolved_at=None)
    if only is not None and any(str(alert.pk) not in only for alert in unresolved):
        raise NewAlerts
    return unresolved.update(resolved_at=at, resolved_by=by)
