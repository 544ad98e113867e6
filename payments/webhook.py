"""Events from Stripe: verified, remembered with their effect, harmless when they repeat."""

import logging
from datetime import datetime

from django.db import IntegrityError
from django.db.models import QuerySet

from payments.models import Payment, StripeEvent
from payments.settle import settle
from payments.stripe_api import events
from payments.stripe_api.events import Event, NotFromStripe

logger = logging.getLogger(__name__)

SETTLING = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    # Of intents of our own; those inside a Checkout Session are nothing that we know the id of.
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
}
# What became of a payment afterwards.
AFTERMATH = {
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

    Raises NotFromStripe, also where one account's secret signed what is about another's payment;
    StripeCallFailed where Stripe could not be asked: nothing is remembered then.
    """
    account, event = events.verify(body, signature)
    about = {"account": account.name, "livemode": event.livemode}
    payment = _payment(event, Payment.objects.filter(**about))
    if payment is None and _payment(event, Payment.objects.filter(livemode=event.livemode)):
        raise NotFromStripe(f"{account.name} can't speak of another account's {event.object_id}")
    if payment is None:
        logger.info("event %s (%s) is about nothing of ours", event.id, event.type)
        return
    seen = StripeEvent(
        **about, event_id=event.id, type=event.type, object_id=event.object_id, received_at=at
    )
    try:
        settle(payment=payment, at=at, why=f"event {event.id}", event=seen)
    except IntegrityError:
        if not StripeEvent.objects.filter(**about, event_id=event.id).exists():
            raise
        logger.info("event %s came before", event.id)


def _payment(event: Event, payments: QuerySet[Payment]) -> Payment | None:
    """The payment that the event is about. What another program sells on the account is none."""
    if event.type in SETTLING and event.object_id:
        return payments.filter(stripe_id=event.object_id).first()
    if event.type in AFTERMATH and event.intent_id:
        # Where it isn't known yet the money isn't either; with that, this is looked at too.
        return payments.filter(intent_id=event.intent_id).first()
    return None
