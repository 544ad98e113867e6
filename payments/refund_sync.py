"""Store refunds as Stripe shows them, also those that were made in its dashboard."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from cart.holds import release, restock_line
from cart.models import HELD, Cause, HistoryKind, Order, OrderLine, State
from cart.signals import order_refunded, order_refunded_in_transaction, send_both
from payments.alerts import Alert, raise_alert, resolve_alert
from payments.models import (
    PENDING,
    REFUNDED_OR_PENDING,
    Invoice,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from payments.stripe_api import refunds as stripe_refunds
from payments.stripe_api.accounts import StripeAccount, account_named
from payments.stripe_api.refunds import StripeRefund
from payments.stripe_api.types import StripePayment

# https://docs.stripe.com/api/refunds/object: any other status means that the refund is pending.
STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}
ENDED = [RefundState.FAILED, RefundState.CANCELED]


def fetch(
    account: StripeAccount, payment: Payment, stripe_payment: StripePayment
) -> Sequence[StripeRefund]:
    """List the refunds of a payment, if it may have any. Raises StripeCallFailed.

    A payment that is stored as paid is settled again because something has happened to it: perhaps
    a refund has failed, and its charge at Stripe doesn't show that.
    """
    was_paid = payment.state == PaymentState.SUCCEEDED
    if not stripe_payment.intent_id or not (stripe_payment.refunded_amount or was_paid):
        return ()
    return stripe_refunds.list(account, intent_id=stripe_payment.intent_id)


def sync(payment: Payment, *, at: datetime) -> None:
    """Fetch and apply the refunds of one payment. Raises AccountNotSetUp, StripeCallFailed."""
    found = stripe_refunds.list(account_named(payment.account), intent_id=payment.intent_id)
    with payment.locked() as (order, locked):
        apply(order, locked, found, at=at)


def apply(order: Order, payment: Payment, refunds: Sequence[StripeRefund], *, at: datetime) -> None:
    """Store Stripe's refunds of a payment, once. Call it with both rows locked."""
    if not refunds:
        return
    stored = list(payment.refunds.all())
    changed = []
    for found in refunds:
        refund = _stored_or_new(payment, stored, found)
        if _apply_refund(order, refund, found, at):
            changed.append(refund)
    _count_refunds(order, payment, at)
    end_shipping(order)
    for refund in changed:
        _keep_credit_note(order, refund)


def restock_pieces(refund: Refund) -> None:
    """Return the pieces of a refund to the stock, if staff want it.

    Call it once, when the refund is made and stored, with the order's row locked.
    """
    if not refund.restock:
        return
    # Items are locked in the order of their keys, as everywhere.
    for pieces in refund.lines.select_related("line").order_by("line__item_id"):
        wanted = min(pieces.quantity, _not_restocked(pieces.line))
        pieces.restocked_quantity = restock_line(pieces.line, wanted)
        pieces.save(update_fields=["restocked_quantity"])


def end_shipping(order: Order) -> None:
    """Store that nothing has to be sent, if no piece is left that was not refunded.

    If their refund fails later, its alert says what to do. Call it with the order's row locked.
    """
    if not order.is_to_ship:
        return
    made = Q(refunds__refund__state__in=REFUNDED_OR_PENDING)
    lines = order.lines.annotate(refunded=Sum("refunds__quantity", filter=made, default=0))
    left = lines.filter(item__needs_shipping=True, refunded__lt=F("quantity"))
    if lines.filter(refunded__gt=0).exists() and not left.exists():
        order.needs_shipping = False
        order.save(update_fields=["needs_shipping", "updated_at"])


def end_refund(refund: Refund, *, at: datetime) -> None:
    """End a requested refund that Stripe won't make, and raise an alert.

    A refund in another state stays as it is.
    """
    with refund.payment.locked() as (order, _payment):
        requested = Refund.objects.filter(pk=refund.pk, state=RefundState.REQUESTED)
        if requested.update(state=RefundState.FAILED):
            reference = refund.idempotency_key
            raise_alert(order, Alert.REFUND_NOT_MADE, reference=reference, at=at, refund=reference)


def unseen_intents(account: StripeAccount, since: datetime) -> set[str]:
    """The intents of refunds since then whose state isn't stored. Raises StripeCallFailed."""
    refunds = stripe_refunds.list(account, since=since)
    stored = Refund.objects.filter(stripe_id__in=[refund.id for refund in refunds])
    known = set(stored.values_list("stripe_id", "state"))
    return {refund.intent_id for refund in refunds if (refund.id, _state(refund)) not in known}


def _stored_or_new(payment: Payment, stored: list[Refund], found: StripeRefund) -> Refund:
    for refund in stored:
        if refund.stripe_id == found.id:
            return refund
    for refund in stored:
        if found.key and not refund.stripe_id and str(refund.key) == found.key:
            return refund
    return Refund(payment=payment)


def _apply_refund(order: Order, refund: Refund, found: StripeRefund, at: datetime) -> bool:
    """Store one refund. False if nothing has changed."""
    if refund.stripe_id and refund.state in ENDED:
        return False  # Stripe's list may be older than the end of the refund, which is final
    before = (refund.stripe_id, refund.state, refund.amount)
    if before == (found.id, _state(found), found.amount):
        return False
    refund.stripe_id, refund.amount, refund.reason = found.id, found.amount, found.reason
    was_made = refund.state in REFUNDED_OR_PENDING
    refund.state = _state(found)
    refund.save()
    if not was_made and refund.state in REFUNDED_OR_PENDING:
        restock_pieces(refund)
        not_made, key = Alert.REFUND_NOT_MADE, refund.idempotency_key
        resolve_alert(order, not_made, reference=key, at=at)
        signals, reference = (order_refunded_in_transaction, order_refunded), found.id
        send_both(*signals, order=order, amount=found.amount, reference=reference)
    detail = f"{refund.formatted_amount}: {refund.state}"
    order.note(Cause(HistoryKind.REFUND, refund.stripe_id, detail), at=at)
    if refund.state in ENDED:
        names = {"refund": found.id, "amount": refund.formatted_amount}
        raise_alert(order, Alert.REFUND_FAILED, reference=found.id, at=at, **names)
    return True


def _keep_credit_note(order: Order, refund: Refund) -> None:
    """Issue the credit note of a refund that has succeeded, and void that of one that failed."""
    notes = Invoice.objects.filter(refund=refund)
    if refund.state in ENDED:
        # Not the time of the request: another one may have issued a credit note since it began.
        notes.filter(voided_at=None).update(voided_at=timezone.now())
    elif refund.state == RefundState.SUCCEEDED and not notes.exists():
        Invoice.objects.credit(order, refund, livemode=refund.payment.livemode)


def _not_restocked(line: OrderLine) -> int:
    """How many pieces of a line must return to the stock and have not.

    Those of a refund that failed later have, and the refund that replaces it must not return them
    again.
    """
    made = line.refunds.filter(refund__state__in=REFUNDED_OR_PENDING, refund__restock=True)
    return max(_sum(made, "quantity") - _sum(line.refunds.all(), "restocked_quantity"), 0)


def _state(found: StripeRefund) -> RefundState:
    return STATES.get(found.status, RefundState.PENDING)


def _count_refunds(order: Order, payment: Payment, at: datetime) -> None:
    """Store what the payment and its order have refunded, in minor units.

    End the hold of an order that isn't paid and whose payment was refunded in full.
    """
    payment.refunded_amount = _sum(payment.refunds.filter(state__in=REFUNDED_OR_PENDING), "amount")
    payment.save(update_fields=["refunded_amount", "updated_at"])
    paid = order.payments.filter(state=PaymentState.SUCCEEDED, currency=order.currency)
    is_being_paid = order.payments.filter(state__in=PENDING).exists()
    if order.state == State.PAID:
        # If the order was paid twice, the first refund is of the surplus: the rest still pays it.
        kept = _sum(paid, "amount") - _sum(paid, "refunded_amount")
        order.refunded_amount = min(max(order.total_amount - kept, 0), order.total_amount)
        order.save(update_fields=["refunded_amount", "updated_at"])
    elif order.state in HELD and payment.refunded_amount >= payment.amount and not is_being_paid:
        release(order, at=at, cause=Cause(HistoryKind.REFUND, payment.stripe_id))


def _sum(rows: QuerySet, field: str) -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)
