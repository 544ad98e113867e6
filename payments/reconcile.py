"""Reconciling: settles what no event reached, ends overdue holds, finishes what a crash left.

Safe at any time, twice, and beside itself: each step is one that events and buyers take too.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import Q

from cart.models import Order
from payments import aftermath, attempts, kinds, refunds
from payments.models import IN_FLIGHT, PENDING, Kind, Payment, PaymentState, Refund
from payments.settle import abandon, due, settle
from payments.stripe_api.accounts import StripeAccount, account_named, all_accounts
from payments.stripe_api.client import REQUEST_SECONDS, deadline
from payments.stripe_api.errors import (
    AccountNotSetUp,
    NotFoundAtStripe,
    StripeCallFailed,
    StripeUnavailable,
)

logger = logging.getLogger(__name__)

WHY = "reconciler"
# Stripe tries to deliver an event for three days; who was silent longer is asked this way.
LOOKS_BACK = timedelta(days=7)
# Until then the request that made the attempt may still be asking Stripe for its session.
CALL_TAKES = timedelta(seconds=2 * REQUEST_SECONDS)
# For all calls of one look together.
LOOK_SECONDS = 30
NOT_NOW = (StripeCallFailed, DatabaseError)


# So often in a row without an answer from Stripe, and the rest waits for the next run.
SILENCES = 3


class StripeIsAway(Exception):
    """There is no use in asking about the others now."""


@dataclass
class Summary:
    """What a run looked at, and what it could not do now: the next run comes again."""

    payments: int = 0
    refunds: int = 0
    unseen: int = 0
    failed: int = 0
    silences: int = 0  # in a row

    @property
    def looked_at(self) -> int:
        return self.payments + self.refunds + self.unseen


def reconcile(*, older_than: timedelta, at: datetime) -> Iterator[Summary]:
    """Looks at each payment and refund that waits; yields the running summary after each."""
    summary = Summary()
    with suppress(StripeIsAway):
        yield from _looks(summary, older_than, at)
    yield summary


def _looks(summary: Summary, older_than: timedelta, at: datetime) -> Iterator[Summary]:
    is_due = Q(created_at__lte=at - older_than) | Q(expires_at__lte=at)
    for payment in Payment.objects.filter(is_due, state__in=PENDING).order_by("pk"):
        summary.payments += 1
        _tried(summary, partial(_finish, payment, at))
        yield summary
    wishes = Refund.objects.filter(state__in=IN_FLIGHT, created_at__lte=at - older_than)
    for refund in wishes.select_related("payment").order_by("pk"):
        summary.refunds += 1
        _tried(summary, partial(refunds.resume, refund, at=at))
        yield summary
    for account in all_accounts():
        for payment in _tried(summary, partial(_unseen, account, at)) or []:
            summary.unseen += 1
            _tried(summary, partial(settle, payment=payment, at=at, why=WHY))
            yield summary


def _tried[Found](summary: Summary, look: Callable[[], Found]) -> Found | None:
    """One that can't be finished doesn't keep the others from it, whatever is wrong with it.

    Raises StripeIsAway.
    """
    try:
        with deadline(LOOK_SECONDS):
            found = look()
    except Exception as error:
        summary.failed += 1
        is_expected = isinstance(error, NOT_NOW)
        logger.error("not reconciled: %r", error, exc_info=not is_expected)
        is_silent = isinstance(error, StripeUnavailable)
        summary.silences = summary.silences + 1 if is_silent else 0
        if summary.silences == SILENCES:
            raise StripeIsAway from error
        return None
    summary.silences = 0
    return found


def _finish(payment: Payment, at: datetime) -> None:
    if not payment.stripe_id:
        if payment.created_at <= at - CALL_TAKES:  # a crash, before anybody was handed its session
            attempts.give_up(payment, at=at, why=WHY)
        return
    try:
        account = account_named(payment.account)
    except AccountNotSetUp:
        if at < due(payment):
            raise
        _abandon(payment, at)
        return
    is_overdue = payment.state == PaymentState.OPEN and payment.expires_at <= at
    if is_overdue and payment.kind == Kind.INTENT:  # it doesn't end by itself
        with suppress(NotFoundAtStripe):
            kinds.end(account, payment, payment.stripe_id)
    settle(payment=payment, at=at, why=WHY)


@transaction.atomic
def _abandon(payment: Payment, at: datetime) -> None:
    """The keys of its account are gone from the settings, and it is due."""
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state in PENDING:
        abandon(order, payment, at=at, why=WHY)


def _unseen(account: StripeAccount, at: datetime) -> list[Payment]:
    intents = aftermath.unseen_intents(account, at - LOOKS_BACK)
    about = {"account": account.name, "livemode": account.livemode}
    return list(Payment.objects.filter(**about, intent_id__in=intents).exclude(intent_id=""))
