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
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from store.models import Item, Picture, Shop
from store.pictures.sizes import make_missing_sizes
from store.pictures.unused import delete_unused
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


@pytest.fixture
def other() -> Picture:
    item = Item.objects.create(name="Cup", price="5", currency="USD")
    return Picture.objects.create(item=item, image=upload())


def upload() -> Any:
    return SimpleUploadedFile("IMG_0815.jpeg", photo())


def files(media: Path) -> set[str]:
    return {str(each.relative_to(media)) for each in media.rglob("*.*")}


def make_old(media: Path) -> None:
    long_ago = time.time() - 2 * HOURS
    for name in files(media):
        os.utime(media / name, (long_ago, long_ago))


def run_worker(media: Path) -> None:
    """Delete what the worker deletes once a day."""
    make_old(media)
    list(delete_unused(at=timezone.now()))


@pytest.mark.parametrize("model", [Picture, Item])
def test_the_files_of_a_deleted_picture_or_item_are_deleted(
    model: Any, picture: Picture, other: Picture, media: Path
) -> None:
    stem, kept = str(picture.image.name).removesuffix(".jpeg"), str(other.image.name)
    assert files(media) == {f"{stem}.jpeg", f"{stem}-40.webp", kept}
    model.objects.get(pk=picture.pk if model is Picture else picture.item_id).delete()
    run_worker(media)
    assert files(media) == {kept}


def test_the_files_of_a_replaced_picture_stay_for_kept_pages_and_are_deleted_later(
    admin_client: Client, picture: Picture, media: Path
) -> None:
    old, address = files(media), f"/admin/store/item/{picture.item_id}/change/"
    form = opened_form(admin_client, address)
    assert save(admin_client, address, form, **{"pictures-0-image": upload()}) == ""
    new = Picture.objects.get()
    assert files(media) == {*old, new.image.name}
    assert (new.pk, new.widths, new.needs_sizes) == (picture.pk, [], True)
    run_worker(media)
    assert files(media) == {new.image.name}


def test_another_change_keeps_the_files(
    admin_client: Client, picture: Picture, media: Path
) -> None:
    old, address = files(media), f"/admin/store/item/{picture.item_id}/change/"
    form = opened_form(admin_client, address)
    assert save(admin_client, address, form, **{"pictures-0-alternative": "A mug"}) == ""
    new = Picture.objects.get()
    assert (new.alternative, new.widths, new.needs_sizes) == ("A mug", [40], False)
    run_worker(media)
    assert files(media) == old


def test_a_replacement_that_is_not_stored_keeps_the_old_files(
    picture: Picture, media: Path
) -> None:
    """Also outside of a transaction."""
    old = files(media)
    picture.image, picture.item_id = upload(), None  # type: ignore[assignment]
    with pytest.raises(IntegrityError):
        picture.save()
    run_worker(media)
    assert files(media) == old


def test_an_empty_database_deletes_no_file(picture: Picture, media: Path) -> None:
    """The shop may have been started with a new one beside the old files."""
    old = files(media)
    Item.objects.all().delete()
    run_worker(media)
    assert files(media) == old


@pytest.fixture
def old_files(picture: Picture, media: Path) -> Iterator[set[str]]:
    """Those of a shop with a picture and a logo, and two that nobody uses."""
    edit_shop(logo=upload())
    for name in ("items/0a1b2c3d4e5f.jpeg", "items/0a1b2c3d4e5f-320.webp"):
        (media / name).write_bytes(b"unused")
    make_old(media)
    yield files(media)
    Shop.objects.all().delete()


def run_command(*options: str) -> str:
    output = StringIO()
    call_command("delete_unused_pictures", *options, stdout=output)
    return output.getvalue()


def test_the_command_deletes_files_that_no_row_names(old_files: set[str], media: Path) -> None:
    unused = {name for name in old_files if "0a1b" in name}
    told = run_command("--dry-run")
    assert unused <= set(told.splitlines())
    assert "2 files would be deleted." in told
    assert files(media) == old_files
    assert "2 files deleted." in run_command()
    assert files(media) == old_files - unused


def test_the_command_leaves_files_of_a_form_that_is_being_saved(
    picture: Picture, media: Path
) -> None:
    (media / "items/0a1b2c3d4e5f.jpeg").write_bytes(b"new")
    assert "0 files deleted." in run_command()
