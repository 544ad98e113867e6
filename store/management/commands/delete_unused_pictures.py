from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from store.pictures.unused import unused_files

# A form that is being saved has written its files before its rows.
AGE = timedelta(hours=1)


class Command(BaseCommand):
    help = "Deletes the files of pictures that no item and no shop has, as after a crash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only name the files")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for storage, name in unused_files(before=timezone.now() - AGE):
            count += 1
            self.stdout.write(name)
            if not options["dry_run"]:
                storage.delete(name)
        done = "would be deleted" if options["dry_run"] else "deleted"
        self.stdout.write(f"{count} files {done}.")
