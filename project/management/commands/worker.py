from typing import Any

from django.core.management.base import BaseCommand

from project.stop_signals import StopSignals
from project.worker import PARTS, Worker


class Command(BaseCommand):
    help = (
        "Runs the background work until SIGTERM or Ctrl-C: mails and the sizes of new pictures"
        " every few seconds, reconcile_payments every five minutes, clean_carts and"
        " delete_unused_pictures once a day. Two workers at once do no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        signals = StopSignals()
        Worker(PARTS, is_stopping=lambda: signals.received).run()
