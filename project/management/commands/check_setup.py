from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from project.readiness import findings


class Command(BaseCommand):
    help = (
        "Lists what is ready for selling and what is missing. The exit code is 1 if something is"
        " missing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        is_ready = True
        try:
            for finding in findings():
                if finding.is_fine:
                    self.stdout.write(self.style.SUCCESS(f"✓ {finding.message}"))
                else:
                    is_ready = False
                    self.stdout.write(self.style.ERROR(f"✗ {finding.message}"))
        except DatabaseError as error:
            advice = "Check DATABASE_URL, and run manage.py migrate."
            raise CommandError(f"The database can't be used. {advice}\n{error}") from None
        if not is_ready:
            self.stdout.flush()
            raise CommandError("The shop isn’t ready to sell: see the lines with ✗.")
