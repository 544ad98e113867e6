"""Events from Stripe: verified, stored together with their effect, harmless when repeated."""

import logging
from datetime import datetime

from django.db import IntegrityError, transaction

from cart.models import Cause, HistoryKind
from payments import settlement
from payments.models import Payment, ReceivedEvent
from payments.stripe_api import events
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.events import Event, NotFromStripe

logger = logging.getLogger(__name__)

PAYMENT_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    # Only for intents that the shop created; it doesn't store the ids of those in sessions.
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
    """Settle the payment that the event is about, if it is one of ours.

    Raises NotFromStripe, also if one account's secret signed what is about another's payment, and
    StripeCallFailed if Stripe can't be asked. Nothing is stored then.
    """
    account, event = events.verify(body, signature)
    payment = _payment_of(account, event)
    if payment is None:
        logger.info("event %s (%s) is not about a payment of this shop", event.id, event.type)
        return
    snapshot = settlement.fetch(payment)
    key = {"account": account.name, "livemode": event.livemode, "event_id": event.id}
    try:
        with transaction.atomic():
            ReceivedEvent.objects.create(
                **key, type=event.type, object_id=event.object_id, received_at=at
            )
            cause = Cause(HistoryKind.EVENT, event.id)
            settlement.apply(payment, snapshot, at=at, cause=cause)
    except IntegrityError:
        if not ReceivedEvent.objects.filter(**key).exists():
            raise
        logger.info("event %s has been received before", event.id)


def _payment_of(account: StripeAccount, event: Event) -> Payment | None:
    """The payment that the event is about. Other programs may sell on the account too.

    Raises NotFromStripe if it belongs to another account than the one that signed the event.
    """
    if event.type in PAYMENT_EVENTS and event.object_id:
        found = Payment.objects.filter(stripe_id=event.object_id)
    elif event.type in REFUND_AND_DISPUTE_EVENTS and event.intent_id:
        # An intent that we don't know yet is not settled either; that will fetch its refunds too.
        found = Payment.objects.filter(intent_id=event.intent_id)
    else:
        return None
    payments = list(found.filter(livemode=event.livemode))
    for payment in payments:
        if payment.account == account.name:
            return payment
    if payments:
        raise NotFromStripe(f"{event.object_id} does not belong to account {account.name}")
    return None
