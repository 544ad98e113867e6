"""Refunds that staff ask for: stored first, then requested at Stripe, then settled."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cart.models import Order
from payments.alerts import call_staff
from payments.errors import PaymentError
from payments.models import REFUNDED_OR_REQUESTED, Payment, Refund, RefundState
from payments.settlement import settle
from payments.stripe_api import refunds as stripe_refunds
from payments.stripe_api.accounts import account_named
from payments.stripe_api.errors import AccountNotSetUp, StripeRefused

logger = logging.getLogger(__name__)

# Stripe keeps an idempotency key for at least a day (https://docs.stripe.com/api/idempotent_requests);
# an hour less, for clocks that differ and slow calls.
IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=23)


class RefundTooLarge(PaymentError):
    """More than is left of the payment: `left` minor units can be refunded."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def left_to_refund(payment: Payment) -> int:
    """Minor units that were paid and are neither refunded nor requested."""
    if not payment.is_refundable:
        return 0
    given_back = payment.refunds.filter(state__in=REFUNDED_OR_REQUESTED).aggregate(
        sum=Sum("amount")
    )["sum"]
    return payment.amount - (given_back or 0)


def request_refund(
    *,
    payment: Payment,
    key: UUID,
    amount: int,
    reason: str,
    restock: bool,
    by: str,
    at: datetime,
) -> Refund:
    """Refunds `amount` minor units of `payment`; a second call with the same `key` does nothing.

    `restock` returns the order's pieces to the stock once Stripe has made the refund. Raises
    RefundTooLarge, and StripeCallFailed: if Stripe can't be reached, the refund stays requested
    and the reconciler tries again.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        refund = Refund.objects.filter(key=key).first()
        if refund is not None:
            return refund
        payment = Payment.objects.get(pk=payment.pk)
        left = left_to_refund(payment)
        if amount > left:
            raise RefundTooLarge(left)
        refund = Refund.objects.create(
            key=key,
            payment=payment,
            amount=amount,
            reason=reason,
            restock=restock,
            requested_by=by,
        )
        order.note(f"{by} asked for {refund} of {refund.written_amount}", at=at)
    perform(refund, at=at)
    refund.refresh_from_db()
    return refund


def perform(refund: Refund, *, at: datetime) -> None:
    """Requests a stored refund at Stripe. Raises StripeCallFailed."""
    payment = refund.payment
    try:
        stripe_refunds.create(
            account_named(payment.account),
            idempotency_key=refund.idempotency_key,
            key=str(refund.key),
            intent_id=payment.intent_id,
            amount=refund.amount,
            reason=refund.reason,
        )
    except (StripeRefused, AccountNotSetUp):
        end_refund(refund, at=at)
        raise
    settle(payment=payment, at=at, why=f"refund {refund}")


def resume(refund: Refund, *, at: datetime) -> None:
    """Finishes a refund that was interrupted by a crash or an outage. Raises StripeCallFailed.

    If Stripe doesn't have it and its idempotency key is too old to be used again, staff are
    alerted instead, so that it isn't made twice.
    """
    settle(payment=refund.payment, at=at, why="reconciler")
    refund.refresh_from_db()
    if refund.state != RefundState.REQUESTED:
        return
    if at - refund.created_at < IDEMPOTENCY_KEY_LIFETIME:
        perform(refund, at=at)
    else:
        end_refund(refund, at=at)


@transaction.atomic
def end_refund(refund: Refund, *, at: datetime) -> None:
    """Fails a refund that Stripe has not made, and alerts staff."""
    order = Order.objects.select_for_update().get(pk=refund.payment.order_id)
    if Refund.objects.filter(pk=refund.pk, state=RefundState.REQUESTED).update(
        state=RefundState.FAILED
    ):
        message = _("Stripe did not make refund {refund}. Look in its dashboard, then try again.")
        call_staff(order, format_lazy(message, refund=refund.idempotency_key), at=at)
