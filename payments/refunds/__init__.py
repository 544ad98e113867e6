"""Refunds that staff request: store the request, make the refund at Stripe, store the answer."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cart.models import Cause, HistoryKind
from payments import refund_sync
from payments.errors import PaymentError
from payments.models import Payment, Refund, RefundLine, RefundState
from payments.refunds.proposal import refundable
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


class PaymentDisputed(PaymentError):
    """The buyer's bank disputes the payment and would pay the buyer too."""


class PiecesRefundedAlready(PaymentError):
    """More pieces were requested than the order has left, or shipping a second time."""


def request_refund(
    *,
    payment: Payment,
    key: UUID,
    amount: int,
    reason: str,
    pieces: Mapping[int, int],
    restock: bool,
    by: str,
    at: datetime,
    shipping: bool = False,
) -> Refund:
    """Refund `amount` minor units of `payment`; a second request with the same `key` does nothing.

    `pieces` are quantities by the primary key of their line. With `restock` they return to the
    stock when Stripe has made the refund, or at once if `amount` is 0. With `shipping` the amount
    contains what was paid for shipping. `by` is the name of the user. Raises RefundTooLarge,
    PaymentDisputed, PiecesRefundedAlready, and StripeRefused and AccountNotSetUp, after which the
    refund has failed. Raises another StripeCallFailed if Stripe can't be asked; the request stays
    stored then, and the reconciler makes the refund later.
    """
    with payment.locked() as (order, locked):
        refund = Refund.objects.filter(key=key).first()
        if refund is not None:
            return refund
        values: dict[str, Any] = {"key": key, "reason": reason, "requested_by": by}
        values["restock"] = restock and bool(pieces)
        refund = _store(locked, pieces, shipping=shipping, amount=amount, **values)
        order.note(Cause(HistoryKind.STAFF, by, _described(refund)), at=at)
        if refund.state == RefundState.SUCCEEDED:
            refund_sync.restock_pieces(refund)
            refund_sync.check_what_is_left(order)
            return refund
    perform(refund, at=at)
    refund.refresh_from_db()
    return refund


def _store(
    payment: Payment, pieces: Mapping[int, int], *, shipping: bool, amount: int, **values: Any
) -> Refund:
    """Store a request and its pieces. Raise the exceptions of `request_refund` that are about it.

    A refund of 0 has succeeded at once: Stripe refunds nothing, so it isn't asked.
    """
    left = refundable(payment)
    if amount > left.left_amount:
        raise RefundTooLarge(left.left_amount)
    if amount and left.dispute:
        raise PaymentDisputed
    if any(quantity > left.pieces.get(line, 0) for line, quantity in pieces.items()):
        raise PiecesRefundedAlready
    if shipping and not left.shipping_amount:
        raise PiecesRefundedAlready
    values["shipping_amount"] = left.shipping_amount if shipping else 0
    state = RefundState.REQUESTED if amount else RefundState.SUCCEEDED
    refund = Refund.objects.create(payment=payment, amount=amount, state=state, **values)
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            line=each.line,
            quantity=quantity,
            proposed_amount=each.proposal(quantity),
        )
        for each in left.lines
        if (quantity := pieces.get(each.line.pk))
    )
    return refund


def _described(refund: Refund) -> str:
    """The refund and what it gives back, for the history."""
    pieces = map(str, refund.lines.select_related("line"))
    parts = [f"{refund}: {refund.formatted_amount}", *pieces]
    return ", ".join([*parts, "shipping"] if refund.shipping_amount else parts)


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
    # Keys of another account, or none any more: the call below will be refused too.
    with suppress(NotFoundAtStripe, AccountNotSetUp):
        refund_sync.sync(refund.payment, at=at)
    refund.refresh_from_db()
    if refund.state != RefundState.REQUESTED:
        return
    if at - refund.created_at < IDEMPOTENCY_KEY_LIFETIME:
        perform(refund, at=at)
    else:
        refund_sync.end_refund(refund, at=at)
