"""Makes our refunds the same as Stripe's, those of Stripe's dashboard included."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet, Sum
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cart.holds import put_back, release
from cart.models import HELD, Order, State
from payments.alerts import call_staff
from payments.models import (
    PENDING,
    REFUNDED_OR_PENDING,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from payments.stripe_api import refunds as stripe_refunds
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.refunds import StripeRefund
from payments.stripe_api.types import StripePayment

# Stripe's status of a refund and our state; any other status is PENDING
# (https://docs.stripe.com/api/refunds/object#refund_object-status).
STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}
ENDED = [RefundState.FAILED, RefundState.CANCELED]


def fetch(
    account: StripeAccount, payment: Payment, stripe_payment: StripePayment
) -> Sequence[StripeRefund]:
    """The refunds of a paid payment at Stripe. Raises StripeCallFailed.

    A payment that was paid before is always asked about: its charge doesn't show a failed refund.
    """
    if not stripe_payment.intent_id:  # the order cost nothing, so nothing can be refunded
        return ()
    if not stripe_payment.refunded_amount and payment.state != PaymentState.SUCCEEDED:
        return ()
    return stripe_refunds.list(account, intent_id=stripe_payment.intent_id)


def apply(order: Order, payment: Payment, refunds: Sequence[StripeRefund], *, at: datetime) -> None:
    """Stores Stripe's refunds of `payment` and what payment and order have given back.

    Call it with both rows locked; a second call changes nothing.
    """
    for refund in refunds:
        _apply_one(order, payment, refund, at)
    if refunds:
        _count_refunds(order, payment, at)


def unseen_intents(account: StripeAccount, since: datetime) -> set[str]:
    """The intents with a refund since then whose state is not stored. Raises StripeCallFailed."""
    refunds = stripe_refunds.list(account, since=since)
    stored = set(
        Refund.objects.filter(stripe_id__in=[each.id for each in refunds]).values_list(
            "stripe_id", "state"
        )
    )
    return {each.intent_id for each in refunds if (each.id, _state(each)) not in stored}


def _apply_one(order: Order, payment: Payment, stripe_refund: StripeRefund, at: datetime) -> None:
    refund = _stored(payment, stripe_refund) or Refund(payment=payment)
    if refund.stripe_id and refund.state in ENDED:
        return  # a failed refund stays failed, even if `stripe_refund` was fetched before
    before = (refund.stripe_id, refund.state, refund.amount)
    refund.stripe_id, refund.amount = stripe_refund.id, stripe_refund.amount
    refund.reason, refund.state = stripe_refund.reason, _state(stripe_refund)
    if before == (refund.stripe_id, refund.state, refund.amount):
        return
    if refund.restock and refund.state in REFUNDED_OR_PENDING:
        put_back(order)
    refund.save()
    order.note(f"refund {refund} of {refund.written_amount}: {refund.state}", at=at)
    if refund.state == RefundState.FAILED:
        message = _(
            "Refund {refund} of {amount} failed at the bank: pay the buyer back in another way."
        )
        names = {"refund": stripe_refund.id, "amount": refund.written_amount}
        call_staff(order, format_lazy(message, **names), at=at)


def _stored(payment: Payment, stripe_refund: StripeRefund) -> Refund | None:
    """Our row of this refund: by its id, or by its key if we don't know the id yet."""
    refund = payment.refunds.filter(stripe_id=stripe_refund.id).first()
    if refund is None and stripe_refund.key:
        refund = payment.refunds.filter(key=stripe_refund.key, stripe_id="").first()
    return refund


def _state(refund: StripeRefund) -> RefundState:
    return STATES.get(refund.status, RefundState.PENDING)


def _count_refunds(order: Order, payment: Payment, at: datetime) -> None:
    payment.refunded_amount = _sum(payment.refunds.filter(state__in=REFUNDED_OR_PENDING), "amount")
    payment.save()
    paid = order.payments.filter(state=PaymentState.SUCCEEDED, currency=order.currency)
    is_being_paid = order.payments.filter(state__in=PENDING).exists()
    if order.state == State.PAID:
        # Of an order that was paid twice, the surplus is refunded first.
        kept = _sum(paid, "amount") - _sum(paid, "refunded_amount")
        order.refunded_amount = min(max(order.total_amount - kept, 0), order.total_amount)
        order.save(update_fields=["refunded_amount"])
    elif order.state in HELD and payment.refunded_amount >= payment.amount and not is_being_paid:
        release(order, at=at, why=f"{payment} was refunded")


def _sum(rows: QuerySet, field: str) -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)
