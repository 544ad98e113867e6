from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from store.pictures.unused import delete_unused, unused_files


class Command(BaseCommand):
    help = (
        "Deletes the files of pictures that no item, no collection and no shop has any more,"
        " as the worker does once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only name the files")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            names, done = [name for _, name in unused_files(at=now)], "would be deleted"
        else:
            names, done = [*delete_unused(at=now)], "deleted"
        self.stdout.write("\n".join([*names, f"{len(names)} files {done}."]))
