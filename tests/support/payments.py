"""Payments that are paid, settled and reconciled."""

from datetime import datetime, timedelta

from django.utils import timezone

from cart.models import Cause, HistoryKind, Order
from payments.models import Payment
from payments.reconcile import Summary, reconcile
from payments.settlement import settle
from store.models import Item
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser, session_of_cart

# Why a test changes an order, where the reason doesn't matter.
CAUSE = Cause(HistoryKind.RECONCILER)


def paid(item: Item, local_stripe: LocalStripe) -> Payment:
    """The payment of a one-click order that was paid by card and settled."""
    session_id = new_browser().get(f"/buy/{item.pk}").json()["id"]
    local_stripe.pay(session_id)
    payment = Payment.objects.get(stripe_id=session_id)
    look_again(payment)
    return payment


def paid_cart(quantities: dict[Item, int], local_stripe: LocalStripe, code: str = "") -> Payment:
    """The payment of a cart with these items that was paid on Stripe's page and settled."""
    buyer = new_browser()
    for item, quantity in quantities.items():
        add(buyer, item, quantity=quantity)
    if code:
        currency = next(iter(quantities)).currency
        buyer.post("/order/discount", {"code": code, "currency": currency})
    order = pay_and_settle(local_stripe, session_of_cart(buyer))
    return order.payments.get()


def look_again(payment: Payment) -> Order:
    """Settle once more, as an event, the reconciler and the return page do."""
    settle(payment, at=timezone.now(), cause=CAUSE)
    payment.refresh_from_db()
    return Order.objects.get(pk=payment.order_id)


def pay_and_settle(local_stripe: LocalStripe, session_id: str) -> Order:
    local_stripe.pay(session_id)
    return look_again(Payment.objects.get(stripe_id=session_id))


def states_after_settling(payment: Payment) -> tuple[str, str]:
    """The states of the payment and of its order."""
    order = look_again(payment)
    return payment.state, order.state


def notes_of(order: Order) -> list[str]:
    """The causes in the order's history that didn't change its state."""
    return [step.cause for step in order.history.all() if step.from_state == step.to_state]


def run_at(at: datetime) -> Summary:
    """Reconcile every payment, however young."""
    *_, summary = reconcile(older_than=timedelta(0), at=at)
    return summary
