"""Settle payments that no event reached, end overdue holds, finish what a crash interrupted.

It can run at any time, and at the same time as another run: it takes the same steps as events and
buyers.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q, QuerySet

from cart.models import Cause, HistoryKind
from payments import disputes, refund_sync, refunds, settlement
from payments.methods import attempt_coupons
from payments.models import (
    ENDED_BUT_PAYABLE,
    IN_FLIGHT,
    PENDING,
    Kind,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from payments.settlement import Snapshot, cancel_and_settle, end_unanswered, overdue_at, settle
from payments.stripe_api.accounts import StripeAccount, all_accounts
from payments.stripe_api.client import REQUEST_SECONDS, deadline
from payments.stripe_api.errors import (
    AccountNotSetUp,
    NotFoundAtStripe,
    StripeCallFailed,
    StripeUnavailable,
)

logger = logging.getLogger(__name__)

RECONCILER = Cause(HistoryKind.RECONCILER)
# Stripe retries events for three days (https://docs.stripe.com/webhooks#retries). After a longer
# outage of the shop, the refunds and disputes of this time are listed.
LOOKBACK = timedelta(days=7)
# A dispute can end months after it began (https://docs.stripe.com/disputes/how-disputes-work).
DISPUTE_LOOKBACK = timedelta(days=120)
# A refund can fail for 30 days (https://docs.stripe.com/refunds#failed-refunds), so its payment is
# looked at once a week until then, and once after it.
REFUND_WINDOW = timedelta(days=30 + 7)
REFUND_INTERVAL = LOOKBACK
# A bank transfer that has ended for the shop is looked at once an hour for so long after its end.
LATE_MONEY_WINDOW = timedelta(days=60)
LATE_MONEY_INTERVAL = timedelta(hours=1)
# A younger attempt without an answer may belong to a request that is still waiting for Stripe.
CALL_GRACE_PERIOD = timedelta(seconds=2 * REQUEST_SECONDS)
# The deadline of all calls about one payment or refund together.
LOOK_SECONDS = 30
# Stop this run after this many consecutive timeouts.
MAX_CONSECUTIVE_TIMEOUTS = 3
# Expected failures: the next run tries again.
RETRYABLE = (StripeCallFailed, DatabaseError)


class StripeDown(Exception):
    """Stripe doesn't answer, so asking about the other payments is no use now."""


@dataclass
class Summary:
    """What a run looked at, and how much of it failed and is left to the next run."""

    payments: int = 0
    refunds: int = 0
    updated: int = 0  # paid payments with a refund, dispute or fraud warning that wasn't stored
    failed: int = 0
    timeouts: int = 0  # consecutive

    @property
    def looked_at(self) -> int:
        return self.payments + self.refunds + self.updated


def reconcile(*, older_than: timedelta, at: datetime) -> Iterator[Summary]:
    """Look at every pending payment and refund; yield the running summary after each of them.

    Skip those younger than `older_than`, unless the payment is overdue. Also settle ended bank
    transfers that can be paid late, and paid payments with a refund or dispute that isn't stored,
    find refunds that failed late, note fraud warnings, and delete the coupons of ended attempts.
    """
    summary = Summary()
    with suppress(StripeDown):
        yield from _look_at_stored(summary, older_than, at)
        yield from _look_at_accounts(summary, at)
    yield summary


def _look_at_stored(summary: Summary, older_than: timedelta, at: datetime) -> Iterator[Summary]:
    """Look at the payments, refunds and coupons that are stored as unfinished."""
    is_due = Q(created_at__lte=at - older_than) | Q(expires_at__lte=at)
    for payment in Payment.objects.filter(is_due, state__in=PENDING).order_by("pk"):
        summary.payments += 1
        _try(summary, _finish, payment, at)
        yield summary
    for payment in _late_transfers(at):
        summary.payments += 1
        _try(summary, _look_for_late_money, payment, at)
        yield summary
    in_flight = Refund.objects.filter(state__in=IN_FLIGHT, created_at__lte=at - older_than)
    for refund in in_flight.select_related("payment").order_by("pk"):
        summary.refunds += 1
        _try(summary, refunds.resume, refund, at=at)
        yield summary
    for payment in _late_refunds(at):
        summary.refunds += 1
        _try(summary, _look_for_failed_refunds, payment, at)
        yield summary
    for payment in attempt_coupons.to_delete(at):
        _try(summary, attempt_coupons.delete, payment)
        yield summary


def _look_at_accounts(summary: Summary, at: datetime) -> Iterator[Summary]:
    """Look at what Stripe has and the shop hasn't stored."""
    for account in all_accounts():
        for payment in _try(summary, _updated_payments, account, at) or []:
            summary.updated += 1
            _try(summary, settle, payment, at=at, cause=RECONCILER)
            yield summary
        warnings = _try(summary, disputes.unseen_warnings, account, at - LOOKBACK)
        for payment, warning_id in warnings or []:
            summary.updated += 1
            _try(summary, disputes.warn_of_fraud, payment, warning_id, at=at)
            yield summary


def _try[**P, Found](
    summary: Summary, look: Callable[P, Found], *args: P.args, **kwargs: P.kwargs
) -> Found | None:
    """Count and log an error, so that one failing payment doesn't stop the run.

    The first argument of `look` is what it looks at: the log names it. Raises StripeDown after
    MAX_CONSECUTIVE_TIMEOUTS.
    """
    looked_at = str(args[0])
    try:
        with deadline(LOOK_SECONDS):
            found = look(*args, **kwargs)
    except Exception as error:
        summary.failed += 1
        is_expected = isinstance(error, RETRYABLE)
        logger.error("%s is not reconciled: %r", looked_at, error, exc_info=not is_expected)
        is_timeout = isinstance(error, StripeUnavailable)
        summary.timeouts = summary.timeouts + 1 if is_timeout else 0
        if summary.timeouts == MAX_CONSECUTIVE_TIMEOUTS:
            raise StripeDown from error
        return None
    summary.timeouts = 0
    return found


def _finish(payment: Payment, at: datetime) -> None:
    """Settle a pending payment; end it if it is overdue or if the request that began it died.

    Also end the attempt of an order that the buyer has edited, if that failed after the edit.
    """
    payment.refresh_from_db()  # the run may have begun minutes ago
    if not payment.stripe_id:
        if payment.created_at <= at - CALL_GRACE_PERIOD:
            end_unanswered(payment, at=at, cause=RECONCILER)
        return
    is_open = payment.state == PaymentState.OPEN
    # An intent doesn't expire by itself.
    is_overdue = payment.kind == Kind.INTENT and payment.expires_at <= at
    try:
        if is_open and (is_overdue or payment.order.superseded_at):
            cancel_and_settle(payment, at=at, cause=RECONCILER)
        else:
            settle(payment, at=at, cause=RECONCILER)
    except AccountNotSetUp:
        if at < overdue_at(payment):
            raise
        settlement.apply(payment, Snapshot(None), at=at, cause=RECONCILER)


def _late_transfers(at: datetime) -> QuerySet[Payment]:
    """The ended bank transfers whose money can still come, if they were not looked at lately."""
    ended = Payment.objects.filter(ENDED_BUT_PAYABLE, expires_at__gt=at - LATE_MONEY_WINDOW)
    return ended.filter(updated_at__lte=at - LATE_MONEY_INTERVAL).order_by("pk")


def _look_for_late_money(payment: Payment, at: datetime) -> None:
    """Settle an ended bank transfer, and remember when."""
    _finish(payment, at)
    Payment.objects.filter(pk=payment.pk).update(updated_at=at)


def _late_refunds(at: datetime) -> QuerySet[Payment]:
    """The payments with a refund that can still fail, if they were not looked at lately."""
    can_fail = Q(created_at__gt=at - REFUND_WINDOW, created_at__lte=at - REFUND_INTERVAL)
    made = Refund.objects.filter(can_fail, state=RefundState.SUCCEEDED)
    payments = Payment.objects.filter(pk__in=made.exclude(stripe_id="").values("payment"))
    return payments.filter(updated_at__lte=at - REFUND_INTERVAL).order_by("pk")


def _look_for_failed_refunds(payment: Payment, at: datetime) -> None:
    """Store what has become of a payment's refunds, and remember when."""
    with suppress(NotFoundAtStripe, AccountNotSetUp):  # keys of another account, or none any more
        refund_sync.sync(payment, at=at)
    Payment.objects.filter(pk=payment.pk).update(updated_at=at)


def _updated_payments(account: StripeAccount, at: datetime) -> list[Payment]:
    """The payments with a refund or dispute that isn't stored. Raises StripeCallFailed."""
    intents = refund_sync.unseen_intents(account, at - LOOKBACK)
    intents |= disputes.unseen_intents(account, at - DISPUTE_LOOKBACK)
    payments = Payment.objects.filter(account=account.name, livemode=account.livemode)
    return list(payments.filter(intent_id__in=intents).exclude(intent_id=""))
