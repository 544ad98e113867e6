from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from store.models import Picture
from store.pictures.sizes import make_missing_sizes


class Command(BaseCommand):
    help = "Makes the sizes of new pictures, as the worker does every few seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="make those that exist again too")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            Picture.objects.update(needs_sizes=True, sizes_tried_at=None)
        made = [picture.pk for picture in make_missing_sizes()]
        self.stdout.write(f"Sizes were made for {len(made)} pictures.")
