from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from notifications.sending import send_due


class Command(BaseCommand):
    help = "Sends the mails that are due. The worker does this every few seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        states = Counter(mail.state for mail in send_due(run_time=timedelta(hours=1)))
        self.stdout.write(f"{states['sent']} mails sent.")
        self.stdout.write(f"{states['waiting'] + states['failed']} mails could not be sent.")
