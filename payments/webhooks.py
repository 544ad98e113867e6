"""Receive events from Stripe. A repeated event changes nothing: https://docs.stripe.com/webhooks"""

import logging
from datetime import datetime

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q

from cart.models import Cause, HistoryKind
from payments import disputes, settlement
from payments.models import Payment, ReceivedEvent
from payments.stripe_api import events
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import StripeCallFailed
from payments.stripe_api.events import Event, NotFromStripe

logger = logging.getLogger(__name__)

# https://docs.stripe.com/api/events/types
PAYMENT_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    # Only about intents that the shop created. A session's own intent matches nothing: its payment
    # is stored with the session's id.
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.requires_action",  # the only event about a voucher until it is paid
    "payment_intent.payment_failed",
    "payment_intent.canceled",
}
FRAUD_WARNING_EVENT = "radar.early_fraud_warning.created"
REFUND_AND_DISPUTE_EVENTS = {
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    FRAUD_WARNING_EVENT,
}


class NotSettled(Exception):
    """Stripe or the database can't be asked now: Stripe must send the event again."""


def receive(body: bytes, signature: str, *, at: datetime) -> None:
    """Settle the payment that the event is about, if it is one of ours.

    Raises NotFromStripe if `signature` is not that of the account that the payment belongs to, and
    NotSettled, which names the event; nothing is stored then.
    """
    account, event = events.verify(body, signature)
    try:
        _settle(account, event, at)
    except (StripeCallFailed, DatabaseError) as error:
        named = f"event {event.id} ({event.type} {event.object_id})"
        raise NotSettled(f"{named}: {error!r}") from error


def _settle(account: StripeAccount, event: Event, at: datetime) -> None:
    """Store the event and its effect in one transaction."""
    payment = _payment_of(account, event)
    if payment is None:
        logger.info("event %s (%s) is not about a payment of this shop", event.id, event.type)
        return
    snapshot = settlement.fetch(payment, at=at)
    key = {"account": account.name, "livemode": event.livemode, "event_id": event.id}
    try:
        with transaction.atomic():
            ReceivedEvent.objects.create(
                **key, type=event.type, object_id=event.object_id, received_at=at
            )
            cause = Cause(HistoryKind.EVENT, event.id)
            settlement.apply(payment, snapshot, at=at, cause=cause)
            if event.type == FRAUD_WARNING_EVENT:
                disputes.warn_of_fraud(payment, event.object_id, at=at)
    except IntegrityError:
        if not ReceivedEvent.objects.filter(**key).exists():
            raise
        logger.info("event %s has been received before", event.id)


def _payment_of(account: StripeAccount, event: Event) -> Payment | None:
    """The payment that the event is about; None if it is one of another program on the account.

    Raises NotFromStripe if the payment belongs to another account than the one that signed.
    """
    if event.type in PAYMENT_EVENTS and event.object_id:
        found = Payment.objects.filter(stripe_id=event.object_id)
    elif event.type in REFUND_AND_DISPUTE_EVENTS and event.intent_id:
        # A session's payment that isn't settled yet has no intent. Settling it fetches its refunds
        # and disputes, and the reconciler finds its fraud warning.
        is_about = Q(intent_id=event.intent_id) | Q(stripe_id=event.intent_id)
        found = Payment.objects.filter(is_about)
    else:
        return None
    payments = list(found.filter(livemode=event.livemode))
    for payment in payments:
        if payment.account == account.name:
            return payment
    if payments:
        raise NotFromStripe(f"{event.object_id} does not belong to account {account.name}")
    return None
