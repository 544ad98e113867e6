"""Payments that are paid, settled and reconciled."""

from datetime import datetime, timedelta

from django.test import Client
from django.utils import timezone

from cart.models import Order
from payments.models import Payment
from payments.reconcile import Summary, reconcile
from payments.settle import settle
from store.models import Item
from tests.support.local_stripe import LocalStripe


def paid(item: Item, local_stripe: LocalStripe) -> Payment:
    """The payment of a one-click order that was paid by card and settled."""
    session_id = Client().get(f"/buy/{item.pk}").json()["id"]
    local_stripe.pay(session_id)
    payment = Payment.objects.get(stripe_id=session_id)
    look_again(payment)
    return payment


def look_again(payment: Payment) -> Order:
    """Settles, as an event, the reconciler and the return page do."""
    settle(payment=payment, at=timezone.now(), why="test")
    payment.refresh_from_db()
    return Order.objects.get(pk=payment.order_id)


def run_at(at: datetime) -> Summary:
    """Reconciles every payment, however young."""
    *_, summary = reconcile(older_than=timedelta(0), at=at)
    return summary
