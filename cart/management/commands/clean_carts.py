"""manage.py clean_carts: deletes carts idle for 30 days, and browser sessions that ended."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from cart.models import Order

AT_ONCE = 1000


@transaction.atomic
def _delete_some(before: datetime) -> int:
    """How many; locked first, so that none is just being bought."""
    idle = Order.objects.idle_carts(before=before).select_for_update()
    locked = list(idle.values_list("pk", flat=True)[:AT_ONCE])
    Order.objects.filter(pk__in=locked).delete()
    return len(locked)


class Command(BaseCommand):
    help = "Deletes idle carts; orders that are paid, being paid or on their way stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="idle for so long (default 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=options["days"])
        count = sum(iter(lambda: _delete_some(before), 0))
        call_command("clearsessions")
        self.stdout.write(f"{count} idle carts deleted.")
