"""The daily clean-up of the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import transaction

from cart.models import Order

BATCH_SIZE = 1000


def clean_up(*, at: datetime, idle_for: timedelta = timedelta(days=30)) -> Iterator[int]:
    """Delete carts that were not changed for `idle_for`, and expired sessions.

    Yields the number of deleted carts after each batch.
    """
    while count := _delete_batch(at - idle_for):
        yield count
    call_command("clearsessions")


@transaction.atomic
def _delete_batch(before: datetime) -> int:
    """Lock the carts before deleting them, so that none of them can be bought meanwhile."""
    idle = Order.objects.idle_carts(before=before)
    locked = list(idle.select_for_update().values_list("pk", flat=True)[:BATCH_SIZE])
    # Look again: while this waited for a lock, money may have arrived and raised an alert.
    idle.filter(pk__in=locked).delete()
    return len(locked)
