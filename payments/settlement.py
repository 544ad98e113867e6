"""Settle payments: ask Stripe about a payment and bring its order to the state that follows."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from cart.holds import SoldOut, release, reserve_stock, take_redemption
from cart.models import HELD, Cause, DiscountRefused, HistoryKind, Order, OrderLine, State
from payments import disputes, methods, refund_sync
from payments.alerts import Alert, raise_alert
from payments.models import PENDING, Payment, PaymentState
from payments.stripe_api.accounts import account_named
from payments.stripe_api.client import deadline
from payments.stripe_api.disputes import StripeDispute
from payments.stripe_api.errors import NotFoundAtStripe, StripeCallFailed
from payments.stripe_api.refunds import StripeRefund
from payments.stripe_api.types import Outcome, StripePayment
from store.money import format_money

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
    apply(payment, fetch(payment), at=at, cause=cause)


def fetch(payment: Payment) -> Snapshot:
    """Ask Stripe about a payment, and write nothing. Raises AccountNotSetUp, StripeCallFailed."""
    account = account_named(payment.account)
    try:
        stripe_payment = methods.retrieve(account, payment)
        if payment.state == PaymentState.PROCESSING and stripe_payment.outcome is Outcome.OPEN:
            # A delayed payment failed. Stripe would let the buyer pay this intent again, but the
            # hold ends now, so the intent must end too.
            methods.end(account, payment, payment.stripe_id)
            stripe_payment = methods.retrieve(account, payment)
    except NotFoundAtStripe:
        return Snapshot(None)
    if stripe_payment.outcome is not Outcome.PAID:
        return Snapshot(stripe_payment)
    return Snapshot(
        stripe_payment,
        refunds=refund_sync.fetch(account, payment, stripe_payment),
        disputes=disputes.fetch(account, stripe_payment),
    )


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
    if found is None and at >= overdue_at(payment):
        unknown = Alert.UNKNOWN_AT_STRIPE
        end_attempt(order, payment, to=PaymentState.FAILED, at=at, cause=cause, alert=unknown)
    elif found and outcome is Outcome.PAID:
        _take_money(order, payment, found, at, cause)
    elif outcome is Outcome.PROCESSING:
        _wait_for_money(order, payment, at, cause)
    elif outcome is Outcome.FAILED or (
        outcome is Outcome.ENDED and payment.state == PaymentState.PROCESSING
    ):
        end_attempt(order, payment, to=PaymentState.FAILED, at=at, cause=cause)
    elif outcome is Outcome.ENDED:
        end_attempt(order, payment, to=PaymentState.EXPIRED, at=at, cause=cause)


def overdue_at(payment: Payment) -> datetime:
    """The time from which an attempt that Stripe doesn't know is ended.

    Until then staff can correct the keys, if these are the reason.
    """
    is_processing = payment.state == PaymentState.PROCESSING
    return payment.expires_at + (DELAYED_PAYMENT_WINDOW if is_processing else timedelta(0))


def end_attempt(
    order: Order,
    payment: Payment,
    *,
    to: PaymentState,
    at: datetime,
    cause: Cause,
    alert: Alert | None = None,
) -> bool:
    """End an attempt that brought no money, and its hold. False if it has ended already.

    Call it with both rows locked. `alert` tells staff about the payment and its account.
    """
    if payment.state not in PENDING:
        return False
    payment.step(to, at=at, cause=cause)
    release(order, at=at, cause=cause)
    if alert:
        names = {"payment": payment.stripe_id, "account": payment.account}
        raise_alert(order, alert, reference=payment.stripe_id, at=at, **names)
    logger.info("order %s: not paid, attempt %s %s", order, payment.attempt, to)
    return True


def end_unanswered(payment: Payment, *, at: datetime, cause: Cause) -> bool:
    """End an attempt whose session or intent the buyer was never given.

    False if it has ended already, or if Stripe's answer has arrived meanwhile.
    """
    with payment.locked() as (order, locked):
        if locked.stripe_id:
            return False
        return end_attempt(order, locked, to=PaymentState.FAILED, at=at, cause=cause)


def cancel_and_settle(payment: Payment, *, at: datetime, cause: Cause) -> None:
    """End the session or intent at Stripe, unless it is paid, then settle.

    Raises AccountNotSetUp, StripeCallFailed.
    """
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


def _wait_for_money(order: Order, payment: Payment, at: datetime, cause: Cause) -> None:
    """Keep the hold of a buyer who has confirmed a delayed payment: its money arrives days later.

    https://docs.stripe.com/payments/payment-methods#payment-notification
    """
    if payment.state == PaymentState.OPEN and order.state == State.CHECKOUT:
        payment.step(PaymentState.PROCESSING, at=at, cause=cause)
        order.step(State.PROCESSING, at=at, cause=cause)


def _take_money(
    order: Order, payment: Payment, found: StripePayment, at: datetime, cause: Cause
) -> None:
    """The money has arrived: mark the order paid, or raise an alert about it."""
    if payment.state == PaymentState.SUCCEEDED:
        return
    recorded = (payment.amount, payment.currency)
    arrived = {"amount": found.amount, "currency": found.currency}
    payment.step(PaymentState.SUCCEEDED, at=at, cause=cause, intent_id=found.intent_id, **arrived)
    alert = _alert_instead_of_paid(order, payment, recorded)
    if alert is None:
        _mark_paid(order, payment, found.email, at, cause)
        return
    received = format_money(payment.amount, payment.currency, settings.LANGUAGE_CODE)
    expected = format_money(*recorded, settings.LANGUAGE_CODE)
    names = {"payment": payment.stripe_id, "received": received, "expected": expected}
    raise_alert(order, alert, reference=payment.stripe_id, at=at, **names)


def _alert_instead_of_paid(
    order: Order, payment: Payment, recorded: tuple[int, str]
) -> Alert | None:
    """The reason why money that has arrived doesn't make the order paid, or None if it does."""
    if (payment.amount, payment.currency) != recorded:
        return Alert.PAID_WRONG_AMOUNT
    if order.state == State.PAID:
        return Alert.PAID_TWICE
    if order.state == State.CART:
        return None
    is_being_paid = order.payments.filter(state__in=PENDING).exclude(pk=payment.pk).exists()
    if is_being_paid or payment.amount != order.total_amount:
        return Alert.PAID_BY_EARLIER_ATTEMPT
    return None


def _mark_paid(order: Order, payment: Payment, email: str, at: datetime, cause: Cause) -> None:
    """Make the order paid, even if its hold has ended or it has become a cart again."""
    changes: dict[str, Any] = {"email": email}
    if order.state == State.CART:
        # The buyer may have changed the cart since this attempt ended, so staff must compare.
        alert, reference = Alert.PAID_WHILE_CART, payment.stripe_id
        raise_alert(order, alert, reference=reference, at=at, payment=reference)
        changes |= _amounts_of_paid_cart(order, payment, at)
    if order.state not in HELD:
        _take_late(order, payment, at)
    order.step(State.PAID, at=at, cause=cause, **changes)
    logger.info("order %s: paid", order)


def _amounts_of_paid_cart(order: Order, payment: Payment, at: datetime) -> dict[str, Any]:
    """The amounts of an order that is paid while it is a cart, where nothing is frozen."""
    subtotal = sum(line.subtotal_amount for line in order.lines.all())
    return {
        "subtotal_amount": max(payment.amount, subtotal),
        "total_amount": payment.amount,
        "frozen_at": at,
    }


def _take_late(order: Order, payment: Payment, at: datetime) -> None:
    """Take stock and redemption after the hold has ended; raise an alert about what is missing."""
    lines = list(order.lines.all())
    try:
        reserve_stock(lines)
        OrderLine.objects.bulk_update(lines, ["held_quantity"])
    except SoldOut as error:
        alert, reference = Alert.SOLD_OUT_WHEN_PAID, payment.stripe_id
        raise_alert(order, alert, reference=reference, at=at, item=str(error))
    try:
        take_redemption(order)
    except DiscountRefused:
        alert = Alert.CODE_USED_UP_WHEN_PAID
        raise_alert(order, alert, reference=payment.stripe_id, at=at)
