from typing import Any

from django.core.management.base import BaseCommand

from project.readiness import findings


class Command(BaseCommand):
    help = "Lists what is ready for selling and what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        for finding in findings():
            if finding.is_fine:
                self.stdout.write(self.style.SUCCESS(f"✓ {finding.message}"))
            else:
                self.stdout.write(self.style.ERROR(f"✗ {finding.message}"))
