"""The files of pictures that were replaced or deleted, and files without a row."""

import os
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from store.models import Item, Picture, Shop
from store.pictures.sizes import make_missing_sizes
from tests.support.admin_forms import opened_form, save
from tests.support.photos import photo
from tests.support.shop_row import edit_shop

pytestmark = pytest.mark.django_db(transaction=True)
HOURS = 60 * 60


@pytest.fixture
def picture(item: Item) -> Picture:
    made = Picture.objects.create(item=item, image=upload())
    list(make_missing_sizes())
    made.refresh_from_db()
    return made


def upload() -> Any:
    return SimpleUploadedFile("IMG_0815.jpeg", photo())


def files(media: Path) -> set[str]:
    return {str(each.relative_to(media)) for each in media.rglob("*.*")}


def test_a_deleted_picture_takes_its_files_with_it(picture: Picture, media: Path) -> None:
    stem = str(picture.image.name).removesuffix(".jpeg")
    assert files(media) == {f"{stem}.jpeg", f"{stem}-40.webp"}
    picture.delete()
    assert files(media) == set()


def test_a_deleted_item_takes_its_files_with_it(picture: Picture, media: Path) -> None:
    Item.objects.all().delete()
    assert files(media) == set()


def test_sizes_that_the_row_does_not_know_yet_go_too(item: Item, media: Path) -> None:
    stale = Picture.objects.create(item=item, image=upload())
    list(make_missing_sizes())
    stale.delete()
    assert files(media) == set()


def test_a_replaced_picture_takes_its_file_with_it(
    admin_client: Client, picture: Picture, media: Path
) -> None:
    old, address = files(media), f"/admin/store/item/{picture.item_id}/change/"
    form = opened_form(admin_client, address)
    assert save(admin_client, address, form, **{"pictures-0-image": upload()}) == ""
    new = Picture.objects.get()
    assert files(media) == {new.image.name}
    assert new.image.name not in old
    assert (new.pk, new.widths, new.needs_sizes) == (picture.pk, [], True)


def test_another_change_keeps_the_files(
    admin_client: Client, picture: Picture, media: Path
) -> None:
    old, address = files(media), f"/admin/store/item/{picture.item_id}/change/"
    form = opened_form(admin_client, address)
    assert save(admin_client, address, form, **{"pictures-0-alternative": "A mug"}) == ""
    new = Picture.objects.get()
    assert (new.alternative, new.widths, new.needs_sizes) == ("A mug", [40], False)
    assert files(media) == old


def test_a_change_that_is_undone_keeps_the_files(picture: Picture, media: Path) -> None:
    old = files(media)
    with transaction.atomic():
        picture.delete()
        transaction.set_rollback(True)
    assert files(media) == old


@pytest.fixture
def old_files(picture: Picture, media: Path) -> Iterator[set[str]]:
    """Those of a shop with a picture and a logo, and two that nobody uses."""
    edit_shop(logo=upload())
    for name in ("items/0a1b2c3d4e5f.jpeg", "items/0a1b2c3d4e5f-320.webp"):
        (media / name).write_bytes(b"unused")
    for name in files(media):
        long_ago = time.time() - 2 * HOURS
        os.utime(media / name, (long_ago, long_ago))
    yield files(media)
    Shop.objects.all().delete()


def delete_unused(*options: str) -> str:
    output = StringIO()
    call_command("delete_unused_pictures", *options, stdout=output)
    return output.getvalue()


def test_the_command_deletes_files_that_no_row_names(old_files: set[str], media: Path) -> None:
    unused = {name for name in old_files if "0a1b" in name}
    told = delete_unused("--dry-run")
    assert unused <= set(told.splitlines())
    assert "2 files would be deleted." in told
    assert files(media) == old_files
    assert "2 files deleted." in delete_unused()
    assert files(media) == old_files - unused


def test_the_command_leaves_files_of_a_form_that_is_being_saved(db: None, media: Path) -> None:
    assert "0 files deleted." in delete_unused()
    (media / "items").mkdir(parents=True)
    (media / "items/0a1b2c3d4e5f.jpeg").write_bytes(b"new")
    assert "0 files deleted." in delete_unused()
