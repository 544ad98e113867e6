from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from project.cleanup import clean_up


class Command(BaseCommand):
    help = (
        "Deletes idle carts, cancelled orders that can't be paid any more, and expired sessions."
        " The worker does this once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="without a change (default 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        idle_for = timedelta(days=options["days"])
        deleted: Counter[str] = Counter()
        for name, count in clean_up(at=timezone.now(), idle_for=idle_for):
            deleted[name] += count
        self.stdout.write(f"{deleted['carts']} idle carts deleted.")
        self.stdout.write(f"{deleted['cancelled orders']} cancelled orders deleted.")
