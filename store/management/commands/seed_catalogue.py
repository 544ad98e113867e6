"""manage.py seed_catalogue: add the items of store/sample_catalogue, and the sample pages."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from store.models import Item, Picture

SAMPLES = Path(__file__).resolve().parents[2] / "sample_catalogue"


class Command(BaseCommand):
    help = "Adds the sample items and pages, except those whose name or address exists already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there are items already"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Item.objects.exists():
            return
        samples = json.loads((SAMPLES / "items.json").read_text(encoding="utf-8"))
        existing = set(Item.objects.values_list("name", flat=True))
        new = [sample for sample in samples if sample["name"] not in existing]
        for sample in new:
            add_item(sample)
        call_command("seed_pages", stdout=self.stdout)
        self.stdout.write(f"{len(new)} sample items added, {len(samples) - len(new)} existed.")


def add_item(sample: dict[str, Any]) -> None:
    """Create one item of items.json, with a copy of its picture."""
    item = Item(
        name=sample["name"],
        description=sample["description"],
        price=Decimal(sample["price"]),
        currency=sample["currency"],
        stock=sample["stock"],
    )
    item.full_clean()
    item.save()
    with (SAMPLES / "pictures" / sample["picture"]).open("rb") as file:
        Picture.objects.create(item=item, image=File(file, sample["picture"]))
