"""manage.py seed_pages: add the sample pages of store/sample_pages."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from store.models import Page

SAMPLES = Path(__file__).resolve().parents[2] / "sample_pages"
SLUGS = ["about", "shipping-and-returns", "terms", "privacy", "legal-notice"]  # as in the footer


class Command(BaseCommand):
    help = "Adds the sample pages, except those whose address exists already."

    def add_arguments(self, parser: CommandParser) -> None:
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=settings.LANGUAGE_CODE)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        existing = set(Page.objects.values_list("slug", flat=True))
        added = 0
        for position, slug in enumerate(SLUGS, start=1):
            if slug not in existing:
                add_page(slug, position=position, language=options["language"])
                added += 1
        self.stdout.write(f"{added} sample pages added, {len(SLUGS) - added} existed.")


def add_page(slug: str, *, position: int, language: str) -> None:
    """Create the page of one file, whose first line is the title."""
    sample = (SAMPLES / language / f"{slug}.md").read_text(encoding="utf-8")
    title, _newline, text = sample.partition("\n")
    Page.objects.create(
        slug=slug,
        title=title.removeprefix("# "),
        text=text.strip(),
        position=position,
        is_sample=True,
    )
