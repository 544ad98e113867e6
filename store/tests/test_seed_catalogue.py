import hashlib
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client

from store.management.commands.seed_catalogue import SAMPLES
from store.models import Item


def test_loads_24_items_with_pictures_and_is_safe_to_run_twice(
    client: Client, db: None, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    for expected in (
        "24 sample items added, 0 existed.",
        "0 sample items added, 24 existed.",
    ):
        output = StringIO()
        call_command("seed_catalogue", stdout=output)
        assert expected in output.getvalue()
    assert Item.objects.count() == 24
    assert all(item.main_picture for item in Item.objects.with_pictures())
    assert len(list(tmp_path.rglob("*.webp"))) == 24


def test_if_empty_adds_nothing_to_a_catalogue_with_items(item: Item) -> None:
    call_command("seed_catalogue", "--if-empty")
    assert Item.objects.get() == item


def test_the_pictures_are_different_and_small() -> None:
    pictures = [path.read_bytes() for path in (SAMPLES / "pictures").glob("*.webp")]
    assert len({hashlib.sha256(picture).digest() for picture in pictures}) == 24
    assert sum(map(len, pictures)) < 500_000
