from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from project.privacy import forget_buyer, summary


class Command(BaseCommand):
    help = (
        "Deletes the personal data of a buyer from orders that are older than RETENTION_YEARS, and"
        " says what is kept and until when. See docs/privacy.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The buyer's e-mail address, in any case.")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        decisions = forget_buyer(email, at=timezone.now(), by="manage.py")
        for sentence in summary(decisions):
            self.stdout.write(sentence)
