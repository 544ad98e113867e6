"""Webhook events: verified, and stored together with their effect, so that a repeat is harmless."""

import logging
from datetime import datetime

from django.db import IntegrityError
from django.db.models import QuerySet

from payments.models import Payment, ReceivedEvent
from payments.settlement import settle
from payments.stripe_api import events
from payments.stripe_api.events import Event, NotFromStripe

logger = logging.getLogger(__name__)

PAYMENT_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    # Only of the intents that we create: we don't store the id of a session's intent before it
    # is paid.
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
}
REFUND_AND_DISPUTE_EVENTS = {
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
}


def receive(body: bytes, signature: str, *, at: datetime) -> None:
    """Settles the payment that the event is about, if it is one of ours.

    Raises NotFromStripe, also if the event is about another account's payment; StripeCallFailed,
    and then nothing is stored, so that Stripe can send the event again.
    """
    account, event = events.verify(body, signature)
    about = {"account": account.name, "livemode": event.livemode}
    payment = _payment_of(event, Payment.objects.filter(**about))
    if payment is None and _payment_of(event, Payment.objects.filter(livemode=event.livemode)):
        raise NotFromStripe(f"{account.name} can't speak of another account's {event.object_id}")
    if payment is None:
        logger.info("event %s (%s) is about nothing of ours", event.id, event.type)
        return
    seen = ReceivedEvent(
        **about, event_id=event.id, type=event.type, object_id=event.object_id, received_at=at
    )
    try:
        settle(payment=payment, at=at, why=f"event {event.id}", event=seen)
    except IntegrityError:
        if not ReceivedEvent.objects.filter(**about, event_id=event.id).exists():
            raise
        logger.info("event %s came before", event.id)


def _payment_of(event: Event, payments: QuerySet[Payment]) -> Payment | None:
    """The payment that the event is about; None if another program of the account made it."""
    if event.type in PAYMENT_EVENTS and event.object_id:
        return payments.filter(stripe_id=event.object_id).first()
    if event.type in REFUND_AND_DISPUTE_EVENTS and event.intent_id:
        # If the intent isn't stored yet, neither is the payment; settling it looks at this too.
        return payments.filter(intent_id=event.intent_id).first()
    return None
