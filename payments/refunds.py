"""Refunds that staff request: store the request, make the refund at Stripe, store the answer."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from cart.models import Cause, HistoryKind
from payments import refund_sync
from payments.errors import PaymentError
from payments.models import REFUNDED_OR_REQUESTED, Payment, Refund, RefundState
from payments.stripe_api import refunds as stripe_refunds
from payments.stripe_api.accounts import account_named
from payments.stripe_api.errors import AccountNotSetUp, NotFoundAtStripe, StripeRefused

# Stripe keeps idempotency keys for at least 24 hours (https://docs.stripe.com/api/idempotent_requests);
# an hour less, because clocks differ and calls take time.
IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=23)


class RefundTooLarge(PaymentError):
    """The payment has less left than was requested: only `left` minor units can be refunded."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def left_to_refund(payment: Payment) -> int:
    """How many minor units of the payment can still be refunded."""
    if not payment.is_refundable:
        return 0
    refunded = payment.refunds.filter(state__in=REFUNDED_OR_REQUESTED).aggregate(sum=Sum("amount"))
    return payment.amount - (refunded["sum"] or 0)


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
    """Refund `amount` minor units of `payment`; a second request with the same `key` does nothing.

    `by` is the name of the user. With `restock` the order's pieces return to the stock when Stripe
    has made the refund. Raises RefundTooLarge, and StripeRefused and AccountNotSetUp, after which
    the refund has failed. Raises another StripeCallFailed if Stripe can't be asked; the request
    stays stored then, and the reconciler makes the refund later.
    """
    with payment.locked() as (order, locked):
        refund = Refund.objects.filter(key=key).first()
        if refund is not None:
            return refund
        left = left_to_refund(locked)
        if amount > left:
            raise RefundTooLarge(left)
        refund = Refund.objects.create(
            key=key,
            payment=locked,
            amount=amount,
            reason=reason,
            restock=restock,
            requested_by=by,
        )
        detail = f"{refund}: {refund.formatted_amount}"
        order.note(Cause(HistoryKind.STAFF, by, detail), at=at)
    perform(refund, at=at)
    refund.refresh_from_db()
    return refund


def perform(refund: Refund, *, at: datetime) -> None:
    """Make a requested refund at Stripe and store the answer. Raises StripeCallFailed.

    After StripeRefused and AccountNotSetUp the refund has failed, with an alert.
    """
    payment = refund.payment
    try:
        stripe_refund = stripe_refunds.create(
            account_named(payment.account),
            idempotency_key=refund.idempotency_key,
            key=str(refund.key),
            intent_id=payment.intent_id,
            amount=refund.amount,
            reason=refund.reason,
        )
    except (StripeRefused, AccountNotSetUp):
        refund_sync.end_refund(refund, at=at)
        raise
    with payment.locked() as (order, locked):
        refund_sync.apply(order, locked, [stripe_refund], at=at)


def resume(refund: Refund, *, at: datetime) -> None:
    """Finish a refund that a crash or an outage interrupted. Raises StripeCallFailed.

    Store the refunds that Stripe has first. If this one isn't among them and its idempotency key
    is too old, staff decide, because Stripe could have made it and would make it a second time.
    """
    with suppress(NotFoundAtStripe):  # the keys are another account's: Stripe will refuse it too
        refund_sync.sync(refund.payment, at=at)
    refund.refresh_from_db()
    if refund.state != RefundState.REQUESTED:
        return
    if at - refund.created_at < IDEMPOTENCY_KEY_LIFETIME:
        perform(refund, at=at)
    else:
        refund_sync.end_refund(refund, at=at)
