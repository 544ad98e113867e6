"""The reconciler: settles payments without an event, ends overdue holds, resumes refunds.

It can run at any time, and several times at once: events and buyers take the same steps.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError
from django.db.models import Q

from payments import disputes, methods, refund_sync, refunds
from payments.models import IN_FLIGHT, PENDING, Kind, Payment, PaymentState, Refund
from payments.settlement import abandon, give_up, overdue_at, settle
from payments.stripe_api.accounts import StripeAccount, account_named, all_accounts
from payments.stripe_api.client import REQUEST_SECONDS, deadline
from payments.stripe_api.errors import (
    AccountNotSetUp,
    NotFoundAtStripe,
    StripeCallFailed,
    StripeUnavailable,
)

logger = logging.getLogger(__name__)

RECONCILER = "reconciler"
# Stripe retries events for three days (https://docs.stripe.com/webhooks#retries); the shop may have
# been down for longer.
LOOKBACK = timedelta(days=7)
# Within this time, the request that stored the attempt may still be creating its session.
CALL_GRACE_PERIOD = timedelta(seconds=2 * REQUEST_SECONDS)
# The deadline for all calls to Stripe about one payment or refund.
LOOK_SECONDS = 30
RETRYABLE = (StripeCallFailed, DatabaseError)

# Stop this run after this many consecutive timeouts.
MAX_CONSECUTIVE_TIMEOUTS = 3


class StripeDown(Exception):
    """Stripe doesn't answer: the rest waits for the next run."""


@dataclass
class Summary:
    """What a run looked at, and how much it could not finish; the next run tries that again."""

    payments: int = 0
    refunds: int = 0
    updated: int = 0  # refunds and disputes that no event reported
    failed: int = 0
    timeouts: int = 0  # consecutive

    @property
    def looked_at(self) -> int:
        return self.payments + self.refunds + self.updated


def reconcile(*, older_than: timedelta, at: datetime) -> Iterator[Summary]:
    """Looks at each payment and refund that waits; yields the running summary after each."""
    summary = Summary()
    with suppress(StripeDown):
        yield from _looks(summary, older_than, at)
    yield summary


def _looks(summary: Summary, older_than: timedelta, at: datetime) -> Iterator[Summary]:
    is_due = Q(created_at__lte=at - older_than) | Q(expires_at__lte=at)
    for payment in Payment.objects.filter(is_due, state__in=PENDING).order_by("pk"):
        summary.payments += 1
        _tried(summary, partial(_finish, payment, at))
        yield summary
    requested = Refund.objects.filter(state__in=IN_FLIGHT, created_at__lte=at - older_than)
    for refund in requested.select_related("payment").order_by("pk"):
        summary.refunds += 1
        _tried(summary, partial(refunds.resume, refund, at=at))
        yield summary
    for account in all_accounts():
        for payment in _tried(summary, partial(_updated, account, at)) or []:
            summary.updated += 1
            _tried(summary, partial(settle, payment=payment, at=at, why=RECONCILER))
            yield summary


def _tried[Found](summary: Summary, look: Callable[[], Found]) -> Found | None:
    """Calls `look` within its deadline. Any error is logged and doesn't stop the run.

    Raises StripeDown after too many consecutive timeouts.
    """
    try:
        with deadline(LOOK_SECONDS):
            found = look()
    except Exception as error:
        summary.failed += 1
        is_expected = isinstance(error, RETRYABLE)
        logger.error("not reconciled: %r", error, exc_info=not is_expected)
        is_timeout = isinstance(error, StripeUnavailable)
        summary.timeouts = summary.timeouts + 1 if is_timeout else 0
        if summary.timeouts == MAX_CONSECUTIVE_TIMEOUTS:
            raise StripeDown from error
        return None
    summary.timeouts = 0
    return found


def _finish(payment: Payment, at: datetime) -> None:
    if not payment.stripe_id:
        if (
            payment.created_at <= at - CALL_GRACE_PERIOD
        ):  # a crash, before the buyer got its session
            give_up(payment, at=at, why=RECONCILER)
        return
    try:
        account = account_named(payment.account)
    except AccountNotSetUp:
        if at < overdue_at(payment):
            raise
        _abandon(payment, at)
        return
    is_overdue = payment.state == PaymentState.OPEN and payment.expires_at <= at
    if is_overdue and payment.kind == Kind.INTENT:  # it doesn't end by itself
        with suppress(NotFoundAtStripe):
            methods.end(account, payment, payment.stripe_id)
    settle(payment=payment, at=at, why=RECONCILER)


def _abandon(payment: Payment, at: datetime) -> None:
    """Fails an overdue payment whose account has no keys in the settings any more."""
    with payment.locked() as (order, payment):
        if payment.state in PENDING:
            abandon(order, payment, at=at, why=RECONCILER)


def _updated(account: StripeAccount, at: datetime) -> list[Payment]:
    since = at - LOOKBACK
    intents = refund_sync.unseen_intents(account, since) | disputes.unseen_intents(account, since)
    about = {"account": account.name, "livemode": account.livemode}
    return list(Payment.objects.filter(**about, intent_id__in=intents).exclude(intent_id=""))
