"""Pictures of items in the files that staff import, and what the shop stores of them."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from store.models import Item, Picture
from store.pictures.cleaning import cleaned
from tests.support.photos import photo
from tests.support.zips import zip_with

ALTERNATIVES = ["A mug | blue; red, “big”", "", "=1+1", "Кружка: café, 350 ml"]


def add_file(item: Item, content: bytes, alternative: str = "", position: int = 100) -> Picture:
    file = cleaned(ContentFile(content))
    return Picture.objects.create(item=item, image=file, alternative=alternative, position=position)


def stored_pictures() -> list[list[tuple[str, bytes]]]:
    """The pictures of all items: the text alternatives, and the contents of the files."""
    items = Item.objects.order_by("pk").prefetch_related("pictures")
    return [
        [(each.alternative, content_of(each)) for each in item.pictures.all()] for item in items
    ]


def content_of(picture: Picture) -> bytes:
    return Path(picture.image.path).read_bytes()


def names_of(item: Item) -> list[str]:
    return [Path(f"{each.image.name}").name for each in item.pictures.all()]


def file_names(media: Path) -> set[str]:
    return {each.name for each in (media / "items").glob("*")}


def csv_table(*rows: Sequence[Any]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def pictures_csv(item: Item, *lines: str) -> str:
    return csv_table(["id", "pictures"], [item.pk, "\n".join(lines)])


def zip_with_photo(item: Item) -> bytes:
    """A zip file that gives the item the picture `mug.jpg`, and no other."""
    return zip_with({"items.csv": pictures_csv(item, "mug.jpg"), "mug.jpg": photo()})
