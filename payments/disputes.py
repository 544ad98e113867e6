"""Store disputes as Stripe shows them, and raise alerts about them and about fraud warnings."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from cart.models import Cause, HistoryKind, Order, OrderStep
from payments.alerts import DISPUTES, Alert, raise_alert, resolve_alert
from payments.models import Dispute, Payment, PaymentState
from payments.stripe_api import disputes as stripe_disputes
from payments.stripe_api import fraud_warnings
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.disputes import INQUIRY, LOST, PREVENTED, WON, StripeDispute
from payments.stripe_api.errors import PermissionMissing
from payments.stripe_api.types import StripePayment

logger = logging.getLogger(__name__)


def fetch(
    account: StripeAccount, payment: Payment, stripe_payment: StripePayment
) -> Sequence[StripeDispute]:
    """List the disputes of a payment, if it may have any. Raises StripeCallFailed.

    As for refunds, one that is stored as paid may have some although its charge doesn't show that:
    the end of a dispute must be stored too.
    """
    was_paid = payment.state == PaymentState.SUCCEEDED
    if not stripe_payment.intent_id or not (stripe_payment.is_disputed or was_paid):
        return ()
    return stripe_disputes.list(account, intent_id=stripe_payment.intent_id)


def apply(
    order: Order, payment: Payment, disputes: Sequence[StripeDispute], *, at: datetime
) -> None:
    """Store Stripe's disputes of a payment, once. Call it with both rows locked."""
    if not disputes:
        return
    known = dict(payment.disputes.values_list("stripe_id", "status"))
    for found in disputes:
        if known.get(found.id) != found.status:
            _apply_dispute(order, payment, found, at)


def warn_of_fraud(payment: Payment, warning_id: str, *, at: datetime) -> None:
    """Raise an alert about an early fraud warning, unless a refund comes too late.

    A payment can have several warnings; staff need one alert.

    Nothing is stored before the payment is settled: the reconciler finds the warning then.
    https://docs.stripe.com/disputes/measuring#early-fraud-warnings
    """
    with payment.locked() as (order, locked):
        if locked.state != PaymentState.SUCCEEDED:
            return
        order.note(Cause(HistoryKind.DISPUTE, warning_id, "early fraud warning"), at=at)
        if locked.is_refundable and not locked.disputes.exists():
            alert, reference = Alert.FRAUD_WARNING, locked.intent_id
            raise_alert(order, alert, reference=reference, at=at, warning=warning_id)


def unseen_intents(account: StripeAccount, since: datetime) -> set[str]:
    """The intents of disputes since then whose status isn't stored. Raises StripeCallFailed."""
    disputes = stripe_disputes.list(account, since=since)
    stored = Dispute.objects.filter(stripe_id__in=[dispute.id for dispute in disputes])
    known = set(stored.values_list("stripe_id", "status"))
    return {each.intent_id for each in disputes if (each.id, each.status) not in known}


def unseen_warnings(account: StripeAccount, since: datetime) -> list[tuple[Payment, str]]:
    """The payments with an early fraud warning since then that isn't noted, and its id.

    None of them if the account's restricted key can't list them. Raises StripeCallFailed.
    """
    try:
        warnings = fraud_warnings.list(account, since=since)
    except PermissionMissing:
        log_missing_permission(account.name)
        return []
    of_orders = OrderStep.objects.filter(
        order__payments__intent_id__in={each.intent_id for each in warnings}
    )
    noted = of_orders.filter(reference__in=[each.id for each in warnings])
    known = set(noted.values_list("reference", flat=True))
    unseen = {each.intent_id: each.id for each in warnings if each.id not in known}
    payments = Payment.objects.filter(account=account.name, livemode=account.livemode)
    found = payments.filter(intent_id__in=unseen).exclude(intent_id="")
    return [(payment, unseen[payment.intent_id]) for payment in found]


@cache  # once in a process
def log_missing_permission(account: str) -> None:
    """Name the permission that a restricted key lacks."""
    permission = "rak_radar_early_fraud_warning_read"
    logger.warning("account %s: fraud warnings aren't listed without %s", account, permission)


def _apply_dispute(order: Order, payment: Payment, found: StripeDispute, at: datetime) -> None:
    Dispute.objects.update_or_create(
        payment=payment, stripe_id=found.id, defaults={"status": found.status}
    )
    order.note(Cause(HistoryKind.DISPUTE, found.id, found.status), at=at)
    # Its advice to refund the payment is wrong from now on.
    warnings = order.alerts.filter(reason=Alert.FRAUD_WARNING, resolved_at=None)
    warnings.update(resolved_at=at, resolved_by="Stripe")
    alert = _alert_about(found)
    for other in set(DISPUTES) - {alert}:  # what they advise is wrong in this status
        resolve_alert(order, other, reference=found.id, at=at)
    if alert:
        raise_alert(order, alert, reference=found.id, at=at, dispute=found.id)


def _alert_about(dispute: StripeDispute) -> Alert | None:
    """What staff must know about the dispute now; None if the shop keeps the money."""
    if dispute.status in WON:
        return None
    if dispute.status in LOST:
        return Alert.DISPUTE_LOST
    if dispute.status == PREVENTED:
        return Alert.DISPUTE_PREVENTED
    return Alert.DISPUTE_INQUIRY if dispute.status in INQUIRY else Alert.DISPUTE_OPENED
