"""Payments that are paid, settled and reconciled."""

from datetime import datetime, timedelta

from django.test import Client
from django.utils import timezone

from cart.models import Cause, HistoryKind, Order
from payments.models import Payment
from payments.reconcile import Summary, reconcile
from payments.settlement import settle
from store.models import Item
from tests.support.local_stripe import LocalStripe

# Why a test changes an order, where the reason doesn't matter.
CAUSE = Cause(HistoryKind.RECONCILER)


def paid(item: Item, local_stripe: LocalStripe) -> Payment:
    """The payment of a one-click order that was paid by card and settled."""
    session_id = Client().get(f"/buy/{item.pk}").json()["id"]
    local_stripe.pay(session_id)
    payment = Payment.objects.get(stripe_id=session_id)
    look_again(payment)
    return payment


def look_again(payment: Payment) -> Order:
    """Settle once more, as an event, the reconciler and the return page do."""
    settle(payment, at=timezone.now(), cause=CAUSE)
    payment.refresh_from_db()
    return Order.objects.get(pk=payment.order_id)


def run_at(at: datetime) -> Summary:
    """Reconciles every payment, however young."""
    *_, summary = reconcile(older_than=timedelta(0), at=at)
    return summary
