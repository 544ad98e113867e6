"""Store the disputes of payments as Stripe shows them, and tell staff about them."""

from collections.abc import Sequence
from datetime import datetime

from cart.models import Cause, HistoryKind, Order
from payments.alerts import Alert, raise_alert
from payments.models import Dispute, Payment
from payments.stripe_api import disputes as stripe_disputes
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.disputes import StripeDispute
from payments.stripe_api.types import StripePayment


def fetch(account: StripeAccount, stripe_payment: StripePayment) -> Sequence[StripeDispute]:
    """List the disputes of a payment, if it has any. Raises StripeCallFailed."""
    if not stripe_payment.is_disputed:
        return ()
    return stripe_disputes.list(account, intent_id=stripe_payment.intent_id)


def apply(
    order: Order, payment: Payment, disputes: Sequence[StripeDispute], *, at: datetime
) -> None:
    """Store Stripe's disputes of a payment, once. Call it with both rows locked."""
    if not disputes:
        return
    known = dict(payment.disputes.values_list("stripe_id", "status"))
    for dispute in disputes:
        if known.get(dispute.id) != dispute.status:
            _apply_dispute(order, payment, dispute, at)


def unseen_intents(account: StripeAccount, since: datetime) -> set[str]:
    """The intents with a dispute since then whose status we don't know. Raises StripeCallFailed."""
    disputes = stripe_disputes.list(account, since=since)
    stored = Dispute.objects.filter(stripe_id__in=[dispute.id for dispute in disputes])
    known = set(stored.values_list("stripe_id", "status"))
    return {each.intent_id for each in disputes if (each.id, each.status) not in known}


def _apply_dispute(order: Order, payment: Payment, dispute: StripeDispute, at: datetime) -> None:
    Dispute.objects.update_or_create(
        payment=payment, stripe_id=dispute.id, defaults={"status": dispute.status}
    )
    order.note(Cause(HistoryKind.DISPUTE, dispute.id, dispute.status), at=at)
    alert = Alert.DISPUTE_LOST if dispute.status == "lost" else Alert.DISPUTE_OPENED
    if not dispute.is_won:
        raise_alert(order, alert, reference=dispute.id, at=at, dispute=dispute.id)
