"""Refunds that staff ask for: written down first, then asked for at Stripe, then mirrored."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cart.models import Order
from payments.attention import call_staff
from payments.models import GIVEN_BACK, Payment, Refund, RefundState
from payments.settle import settle
from payments.stripe_api import refunds as stripe_refunds
from payments.stripe_api.accounts import account_named
from payments.stripe_api.errors import AccountNotSetUp, StripeRefused

logger = logging.getLogger(__name__)

# Stripe keeps an idempotency key for a day; an hour for clocks apart and slow calls.
KEY_LIVES = timedelta(hours=23)


class TooMuch(Exception):
    """More than is left of the payment: `left` minor units can be given back."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def left_to_refund(payment: Payment) -> int:
    """Minor units that arrived and are neither given back nor asked for."""
    if not payment.is_refundable:
        return 0
    given_back = payment.refunds.filter(state__in=GIVEN_BACK).aggregate(sum=Sum("amount"))["sum"]
    return payment.amount - (given_back or 0)


def request_refund(
    *,
    payment: Payment,
    key: UUID,
    amount: int,
    reason: str,
    puts_back: bool,
    by: str,
    at: datetime,
) -> Refund:
    """Gives back `amount` minor units of `payment`; the same `key` again does nothing more.

    `puts_back` returns the order's pieces to the stock once Stripe has made it. Raises
    TooMuch, and StripeCallFailed: where Stripe could not be reached the wish is kept, and the
    reconciler asks again.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        refund = Refund.objects.filter(key=key).first()
        if refund is not None:
            return refund
        payment = Payment.objects.get(pk=payment.pk)
        left = left_to_refund(payment)
        if amount > left:
            raise TooMuch(left)
        refund = Refund.objects.create(
            key=key,
            payment=payment,
            amount=amount,
            reason=reason,
            puts_back=puts_back,
            requested_by=by,
        )
        order.note(f"{by} asked for {refund} of {refund.written_amount}", at=at)
    perform(refund, at=at)
    refund.refresh_from_db()
    return refund


def perform(refund: Refund, *, at: datetime) -> None:
    """Asks Stripe for a refund that is written down. Raises StripeCallFailed."""
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
        give_up(refund, at=at)
        raise
    settle(payment=payment, at=at, why=f"refund {refund}")


def resume(refund: Refund, *, at: datetime) -> None:
    """Finishes a refund that a crash or an outage left half done. Raises StripeCallFailed.

    What Stripe has of it is mirrored first. Too old to be asked for by the same key, and unknown
    there, it is left to staff: a second wish must not become a second refund.
    """
    settle(payment=refund.payment, at=at, why="reconciler")
    refund.refresh_from_db()
    if refund.state != RefundState.REQUESTED:
        return
    if at - refund.created_at < KEY_LIVES:
        perform(refund, at=at)
    else:
        give_up(refund, at=at)


@transaction.atomic
def give_up(refund: Refund, *, at: datetime) -> None:
    """Stripe doesn't make this refund: staff hear of it."""
    order = Order.objects.select_for_update().get(pk=refund.payment.order_id)
    if Refund.objects.filter(pk=refund.pk, state=RefundState.REQUESTED).update(
        state=RefundState.FAILED
    ):
        sentence = _("Stripe did not make refund {refund}. Look in its dashboard, then try again.")
        call_staff(order, format_lazy(sentence, refund=refund.idempotency_key), at=at)
