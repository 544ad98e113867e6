"""Reconciling: settles what no event reached, ends overdue holds, finishes what a crash left.

Safe at any time, twice, and beside itself: each step is one that events and buyers take too.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import Q

from cart.models import Order
from payments import aftermath, attempts, gateway, kinds, refunds
from payments.accounts import Account, PayingNotSetUp, account_named, all_accounts
from payments.models import IN_FLIGHT, PENDING, Kind, Payment, PaymentState, Refund
from payments.patience import REQUEST_SECONDS
from payments.settle import abandon, due, settle

logger = logging.getLogger(__name__)

WHY = "reconciler"
# Stripe tries to deliver an event for three days; who was silent longer is asked this way.
LOOKS_BACK = timedelta(days=7)
# Until then the request that made the attempt may still be asking Stripe for its session.
CALL_TAKES = timedelta(seconds=2 * REQUEST_SECONDS)
NOT_NOW = (gateway.GatewayError, PayingNotSetUp, DatabaseError)


@dataclass
class Summary:
    """What a run looked at, and what it could not do now: the next run comes again."""

    payments: int = 0
    refunds: int = 0
    unseen: int = 0
    failed: int = 0

    @property
    def looked_at(self) -> int:
        return self.payments + self.refunds + self.unseen


def reconcile(*, older_than: timedelta, at: datetime) -> Iterator[Summary]:
    """Looks at each payment and refund that waits; yields the running summary after each."""
    summary = Summary()
    is_due = Q(created_at__lte=at - older_than) | Q(expires_at__lte=at)
    for payment in Payment.objects.filter(is_due, state__in=PENDING).order_by("pk"):
        summary.payments += 1
        yield _tried(summary, partial(_finish, payment, at))
    wishes = Refund.objects.filter(state__in=IN_FLIGHT, created_at__lte=at - older_than)
    for refund in wishes.select_related("payment").order_by("pk"):
        summary.refunds += 1
        yield _tried(summary, partial(refunds.resume, refund, at=at))
    for account in all_accounts():
        for payment in _unseen(account, summary, at):
            summary.unseen += 1
            yield _tried(summary, partial(settle, payment=payment, at=at, why=WHY))
    yield summary


def _tried(summary: Summary, look: Callable[[], None]) -> Summary:
    """One that can't be finished doesn't keep the others from it, whatever is wrong with it."""
    try:
        look()
    except NOT_NOW as error:
        summary.failed += 1
        logger.error("not reconciled: %s: %s", type(error).__name__, error)
    except Exception:
        summary.failed += 1
        logger.exception("not reconciled")
    return summary


def _finish(payment: Payment, at: datetime) -> None:
    if not payment.stripe_id:
        if payment.created_at <= at - CALL_TAKES:  # a crash, before anybody was handed its session
            attempts.give_up(payment, at=at, why=WHY)
        return
    try:
        account = account_named(payment.account)
    except PayingNotSetUp:
        if at < due(payment):
            raise
        _abandon(payment, at)
        return
    is_overdue = payment.state == PaymentState.OPEN and payment.expires_at <= at
    if is_overdue and payment.kind == Kind.INTENT:  # it doesn't end by itself
        with suppress(gateway.UnknownAtStripe):
            kinds.end(account, payment, payment.stripe_id)
    settle(payment=payment, at=at, why=WHY)


@transaction.atomic
def _abandon(payment: Payment, at: datetime) -> None:
    """The keys of its account are gone from the settings, and it is due."""
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state in PENDING:
        abandon(order, payment, at=at, why=WHY)


def _unseen(account: Account, summary: Summary, at: datetime) -> Iterable[Payment]:
    try:
        intents = aftermath.unseen_intents(account, at - LOOKS_BACK)
    except gateway.GatewayError as error:
        summary.failed += 1
        logger.error("refunds and disputes of %s not listed: %s", account.name, error)
        return []
    about = {"account": account.name, "livemode": account.livemode}
    return list(Payment.objects.filter(**about, intent_id__in=intents).exclude(intent_id=""))
