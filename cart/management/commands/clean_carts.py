from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cart.cleanup import clean_up


class Command(BaseCommand):
    help = (
        "Deletes idle carts and expired sessions, but no order that is paid or being paid."
        " The worker does this once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="without a change (default 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        idle_for = timedelta(days=options["days"])
        count = sum(clean_up(at=timezone.now(), idle_for=idle_for))
        self.stdout.write(f"{count} idle carts deleted.")
