"""Settle payments: ask Stripe about a payment and bring its order to the state that follows."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cart.holds import release
from cart.models import Cause, HistoryKind, Order
from cart.signals import payment_failed, payment_failed_in_transaction, send_both
from payments import disputes, methods, refund_sync
from payments.alerts import Alert, raise_alert, resolve_alert
from payments.models import PENDING, Kind, Payment, PaymentState
from payments.money_received import take_money, wait_for_money
from payments.stripe_api.accounts import account_named
from payments.stripe_api.client import deadline
from payments.stripe_api.disputes import StripeDispute
from payments.stripe_api.errors import NotFoundAtStripe, StripeCallFailed
from payments.stripe_api.refunds import StripeRefund
from payments.stripe_api.types import Outcome, StripePayment

logger = logging.getLogger(__name__)

# SEPA Direct Debit takes up to 14 days: https://docs.stripe.com/payments/sepa-debit
DELAYED_PAYMENT_WINDOW = timedelta(days=14)


@dataclass(frozen=True)
class Snapshot:
    """A payment as it is at Stripe now. `stripe_payment` is None if Stripe doesn't know it."""

    stripe_payment: StripePayment | None
    refunds: Sequence[StripeRefund] = ()
    disputes: Sequence[StripeDispute] = ()


def settle(payment: Payment, *, at: datetime, cause: Cause) -> None:
    """Ask Stripe about the payment and move its order one legal step, if any.

    Also store its refunds and disputes. A second call, or one at the same time, changes nothing
    more. Raises AccountNotSetUp if the account's keys have been removed from the settings,
    another StripeCallFailed if Stripe can't be asked, and DatabaseError if the rows can't be
    locked or written; no row is changed then.
    """
    apply(payment, fetch(payment, at=at), at=at, cause=cause)


def fetch(payment: Payment, *, at: datetime) -> Snapshot:
    """Ask Stripe about a payment, and write nothing. Raises AccountNotSetUp, StripeCallFailed."""
    account = account_named(payment.account)
    try:
        stripe_payment = methods.retrieve(account, payment)
        if _must_end(payment, stripe_payment, at):
            methods.end(account, payment, payment.stripe_id)
            stripe_payment = methods.retrieve(account, payment)
    except NotFoundAtStripe:
        return Snapshot(None)
    if stripe_payment.outcome is not Outcome.PAID:
        return Snapshot(stripe_payment)
    return Snapshot(
        stripe_payment,
        refunds=refund_sync.fetch(account, payment, stripe_payment),
        disputes=disputes.fetch(account, payment, stripe_payment),
    )


def _must_end(payment: Payment, found: StripePayment, at: datetime) -> bool:
    """Whether a delayed payment has failed or is too late, although the intent can be paid.

    Stripe would let the buyer pay the intent again, but the hold ends now.
    """
    if payment.state != PaymentState.PROCESSING:
        return False
    if found.outcome is Outcome.OPEN and not found.is_authenticating:
        return True
    has_no_end = found.instructions is not None and found.instructions.expires_at is None
    return (found.is_authenticating or has_no_end) and at >= overdue_at(payment)


def apply(payment: Payment, snapshot: Snapshot, *, at: datetime, cause: Cause) -> None:
    """Store what a snapshot says about a payment. Lock its row and its order's."""
    with payment.locked() as (order, locked):
        _apply_outcome(order, locked, snapshot.stripe_payment, at, cause)
        refund_sync.apply(order, locked, snapshot.refunds, at=at)
        disputes.apply(order, locked, snapshot.disputes, at=at)


def _apply_outcome(
    order: Order, payment: Payment, found: StripePayment | None, at: datetime, cause: Cause
) -> None:
    outcome = found.outcome if found else None
    if found and payment.state == PaymentState.FAILED:  # the account's keys are right again
        resolve_alert(order, Alert.UNKNOWN_AT_STRIPE, reference=payment.stripe_id, at=at)
    if found is None and at >= overdue_at(payment):
        unknown = Alert.UNKNOWN_AT_STRIPE
        end_attempt(order, payment, to=PaymentState.FAILED, at=at, cause=cause, alert=unknown)
    elif found and outcome is Outcome.PAID:
        take_money(order, payment, found, at, cause)
    elif found and outcome is Outcome.PROCESSING:
        if _must_end(payment, found, at):  # a complete session can't be ended at Stripe
            failed = PaymentState.FAILED
            end_attempt(order, payment, to=failed, at=at, cause=cause, is_payable=True)
        else:
            wait_for_money(order, payment, found, at, cause)
    elif outcome is Outcome.FAILED or (
        outcome is Outcome.ENDED and payment.state == PaymentState.PROCESSING
    ):
        end_attempt(order, payment, to=PaymentState.FAILED, at=at, cause=cause)
    elif outcome is Outcome.ENDED:
        end_attempt(order, payment, to=PaymentState.EXPIRED, at=at, cause=cause)


def overdue_at(payment: Payment) -> datetime:
    """The time from which an attempt that Stripe doesn't know, or a bank transfer, is ended.

    Until then staff can correct the keys, if these are the reason.
    """
    is_debit = payment.state == PaymentState.PROCESSING and not payment.awaits_buyer
    return payment.expires_at + (DELAYED_PAYMENT_WINDOW if is_debit else timedelta(0))


def end_attempt(
    order: Order,
    payment: Payment,
    *,
    to: PaymentState,
    at: datetime,
    cause: Cause,
    alert: Alert | None = None,
    is_payable: bool = False,
) -> bool:
    """End an attempt that brought no money, and its hold. False if it has ended already.

    Call it with both rows locked. `alert` tells staff to find out whether money has arrived, so the
    buyer isn't told that the payment failed; `is_payable` says that the buyer can still pay it.
    """
    if payment.state not in PENDING:
        return False
    was_on_its_way = payment.state == PaymentState.PROCESSING
    payment.step(to, at=at, cause=cause, awaits_buyer=is_payable)
    release(order, at=at, cause=cause, is_payable=is_payable)
    if alert:
        names = {"payment": payment.stripe_id, "account": payment.account}
        raise_alert(order, alert, reference=payment.stripe_id, at=at, **names)
    logger.info("order %s: not paid, attempt %s %s", order, payment.attempt, to)
    if was_on_its_way and not alert and cause.kind != HistoryKind.CLOSED:
        signals = (payment_failed_in_transaction, payment_failed)
        send_both(*signals, order=order, reference=payment.stripe_id)
    return True


def end_unanswered(payment: Payment, *, at: datetime, cause: Cause) -> bool:
    """End an attempt whose session or intent the buyer was never given.

    False if it has ended already, or if Stripe's answer has arrived meanwhile.
    """
    with payment.locked() as (order, locked):
        if locked.stripe_id:
            return False
        return end_attempt(order, locked, to=PaymentState.FAILED, at=at, cause=cause)


def end_unknown(payment: Payment, *, at: datetime) -> None:
    """End an attempt that the account doesn't know. Another account may have it, so alert staff."""
    logger.warning("payment %s is unknown at Stripe", payment)
    cause = Cause(HistoryKind.STRIPE_CALL, detail="unknown at Stripe")
    unknown, failed = Alert.UNKNOWN_AT_STRIPE, PaymentState.FAILED
    with payment.locked() as (order, locked):
        end_attempt(order, locked, to=failed, at=at, cause=cause, alert=unknown)


def cancel_and_settle(payment: Payment, *, at: datetime, cause: Cause) -> None:
    """End the session or intent at Stripe, unless it is paid or being paid, then settle.

    An intent whose voucher or bank transfer the buyer is going to pay stays, although Stripe would
    cancel it. Raises AccountNotSetUp, StripeCallFailed.
    """
    account = account_named(payment.account)
    with suppress(NotFoundAtStripe):
        if (
            payment.kind == Kind.CHECKOUT
            or methods.retrieve(account, payment).outcome is Outcome.OPEN
        ):
            methods.end(account, payment, payment.stripe_id)
    settle(payment, at=at, cause=cause)


def cancel_awaited_and_settle(payment: Payment, *, at: datetime, cause: Cause) -> None:
    """The same, but a voucher or bank transfer that isn't paid yet is cancelled too."""
    with suppress(NotFoundAtStripe):
        methods.end(account_named(payment.account), payment, payment.stripe_id)
    settle(payment, at=at, cause=cause)


def end_superseded(*, order: Order, **_signal: Any) -> None:
    """End the open attempt of an order that the buyer has edited: the buyer goes on with the copy.

    If Stripe can't be asked, the session expires by itself later and is settled then.
    """
    with deadline():
        for payment in order.payments.filter(state=PaymentState.OPEN).exclude(stripe_id=""):
            try:
                cancel_and_settle(payment, at=timezone.now(), cause=Cause(HistoryKind.EDIT))
            except StripeCallFailed as error:
                logger.warning("order %s: its session could not be ended: %s", order, error)


def settle_originals(order: Order, *, at: datetime) -> None:
    """End the open attempts of the orders that `order` was copied from.

    What was paid meanwhile leaves `order`, so that the buyer doesn't pay it again. Raises
    AccountNotSetUp, StripeCallFailed.
    """
    superseded = Payment.objects.filter(
        state=PaymentState.OPEN,
        order__visitor=order.visitor,
        order__currency=order.currency,
        order__superseded_at__isnull=False,
    )
    for payment in superseded.exclude(stripe_id=""):
        cancel_and_settle(payment, at=at, cause=Cause(HistoryKind.EDIT))
