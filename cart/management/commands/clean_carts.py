"""manage.py clean_carts: deletes carts idle for 30 days, and browser sessions that ended."""

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cart.models import Order


class Command(BaseCommand):
    help = "Deletes idle carts; orders that are paid, being paid or on their way stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="idle for so long (default 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=options["days"])
        idle = Order.objects.idle_carts(before=before)
        count = idle.count()
        idle.delete()
        call_command("clearsessions")
        self.stdout.write(f"{count} idle carts deleted.")
