"""The daily clean-up of the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cart.models import Order, State
from payments.models import Payment, PaymentState

BATCH_SIZE = 1000
# Stripe has said that these attempts can't be paid any more. It hasn't if it never answered, or if
# a bank transfer has ended for the shop only.
ENDED_BY_STRIPE = Q(state=PaymentState.EXPIRED) | Q(
    ~Q(stripe_id=""), state=PaymentState.FAILED, awaits_buyer=False
)


def clean_up(
    *, at: datetime, idle_for: timedelta = timedelta(days=30)
) -> Iterator[tuple[str, int]]:
    """Delete what was not changed for `idle_for`: carts, cancelled orders, expired sessions.

    Yields what was deleted, and the number, after each batch of orders.
    """
    before = at - idle_for
    carts = Order.objects.idle_carts(before=before)
    for name, orders in (("carts", carts), ("cancelled orders", _ended_orders(before))):
        while count := _delete_batch(orders):
            yield name, count
    call_command("clearsessions")


def _ended_orders(before: datetime) -> QuerySet[Order]:
    """Cancelled orders whose every attempt was ended by Stripe before that time.

    An order with an alert stays: its money may have arrived. So does a copy of an order that may
    still be paid: late money must find the last copy (cart/copies.py).
    """
    attempts = Payment.objects.filter(order=OuterRef("pk"))
    others = attempts.exclude(ENDED_BY_STRIPE, updated_at__lt=before)
    is_no_copy = Q(copied_from=None) | Q(copied_from__state=State.PAID)
    is_ended = Exists(attempts) & ~Exists(others)
    ended = Order.objects.filter(is_ended, is_no_copy, state=State.CANCELLED)
    return ended.filter(updated_at__lt=before).exclude(alerts__isnull=False)


@transaction.atomic
def _delete_batch(orders: QuerySet[Order]) -> int:
    """Lock the orders before deleting them, so that none of them can be bought meanwhile."""
    rows = orders.select_for_update(of=("self",))
    locked = list(rows.values_list("pk", flat=True)[:BATCH_SIZE])
    # Look again: while this waited for a lock, money may have arrived and raised an alert.
    orders.filter(pk__in=locked).delete()
    return len(locked)
