import re
import sys
import time
from argparse import ArgumentTypeError
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from cart.models import OrderAlert
from payments.reconcile import Summary, reconcile

# The units of `timedelta` by the letter that stands for each on the command line.
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
PROGRESS = 100  # print a line of progress after this many payments and refunds
EXIT_INCOMPLETE = 2  # the exit code if Stripe or the database could not be asked about everything


def duration(text: str) -> timedelta:
    """Read a time like 30s, 10m, 2h or 1d. Raises ArgumentTypeError."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None:
        raise ArgumentTypeError(f"'{text}' is not a time like 30s, 10m, 2h or 1d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


class Command(BaseCommand):
    help = (
        "Asks Stripe about every payment that waits, ends overdue holds, and finishes what a crash"
        " left half done. Exits with 1 if an order needs attention, with 2 if Stripe or the"
        " database could not be asked about everything. It can run at any time, also at the same"
        " time as another run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=duration,
            default=timedelta(minutes=10),
            help="leave younger payments to the buyers and the events (default: 10m)",
        )
        parser.add_argument("--every", type=duration, help="again and again, with this pause")

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_quiet = options["verbosity"] == 0
        if options["every"] is None:
            sys.exit(self._try(options["older_than"]))
        with suppress(KeyboardInterrupt):  # Ctrl-C is the normal way to end it
            self._run_for_ever(options["older_than"], options["every"])

    def _run_for_ever(self, older_than: timedelta, pause: timedelta) -> None:
        while True:
            self._try(older_than)
            close_old_connections()
            time.sleep(max(pause.total_seconds(), 1))

    def _try(self, older_than: timedelta) -> int:
        try:
            return self._run(older_than)
        except DatabaseError as error:
            self.stderr.write(f"The database can't be asked now: {error}")
            return EXIT_INCOMPLETE

    def _run(self, older_than: timedelta) -> int:
        summary = Summary()
        for number, summary in enumerate(reconcile(older_than=older_than, at=timezone.now()), 1):
            if number % PROGRESS == 0:
                self._say(f"{summary.looked_at} looked at …")
        unresolved = OrderAlert.objects.filter(resolved_at=None).order_by()
        attention = unresolved.values("order").distinct().count()
        self._say(
            f"Payments: {summary.payments}, refunds: {summary.refunds}, updated at Stripe:"
            f" {summary.updated}, failed: {summary.failed}."
            f" Orders that need attention: {attention}."
        )
        return EXIT_INCOMPLETE if summary.failed else int(attention > 0)

    def _say(self, line: str) -> None:
        if not self.is_quiet:
            self.stdout.write(line)
