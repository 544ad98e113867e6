"""An import of pictures while somebody else changes them."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from PIL import Image

from store import item_import
from store.admin import item_import as import_page
from store.item_plan import plan
from store.item_rows import ItemRow
from store.models import Item, Picture
from store.pictures.unused import UNUSED_AFTER
from tests.support.item_files import confirmed, exported, mistakes_of, packed_of, uploaded
from tests.support.item_pictures import (
    add_file,
    csv_table,
    names_of,
    pictures_csv,
    stored_pictures,
    zip_with_photo,
)
from tests.support.photos import photo, plain
from tests.support.zips import grainy, zip_with


def replace(picture: Picture) -> None:
    add_file(picture.item, plain("PNG"))


def describe(picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(alternative="Meanwhile")


def remove(picture: Picture) -> None:
    picture.delete()


@pytest.mark.parametrize("change", [replace, describe, remove])
def test_somebody_changes_the_pictures_before_the_import_is_confirmed(
    admin_client: Client, make_item: Any, change: Any
) -> None:
    item = make_item()
    picture = add_file(item, grainy(), "Old")
    content = zip_with({"items.csv": pictures_csv(item, "new.jpg"), "new.jpg": photo()})
    page = uploaded(admin_client, content, "items.zip")
    change(picture)
    before = stored_pictures()
    page = confirmed(admin_client, page)
    assert "Items were changed meanwhile, so nothing was imported" in page
    assert stored_pictures() == before
    confirmed(admin_client, page)
    [[(text, _content)]] = stored_pictures()
    assert text == ""


@pytest.mark.parametrize("change", [replace, describe, remove])
def test_a_change_of_pictures_between_comparison_and_writing_is_noticed(
    mug: Item, admin_user: User, change: Any
) -> None:
    first = mug.pictures.all()[0]
    row = ItemRow(2, {"id": str(mug.pk), "pictures": names_of(mug)[1]}, extra="", files={})
    changes = plan([row], adds_unknown=False)
    change(first)
    before = stored_pictures()
    with pytest.raises(item_import.ChangedMeanwhile):
        item_import.carry_out(changes, user=admin_user, name="x")
    assert stored_pictures() == before


def test_a_picture_that_the_zip_repeats_was_deleted_meanwhile(
    admin_client: Client, mug: Item
) -> None:
    first, *others = names_of(mug)
    with ZipFile(BytesIO(exported(admin_client, "zip"))) as archive:
        content = archive.read(f"pictures/{first}")
    sent = zip_with(
        {"items.csv": pictures_csv(mug, "mug.jpg", "b.png"), "mug.jpg": content, "b.png": photo()}
    )
    page = uploaded(admin_client, sent, "items.zip")
    mug.pictures.all()[0].delete()
    page = confirmed(admin_client, page)
    [(row, column, message)] = mistakes_of(page)
    assert (row, column) == ("2", "pictures")
    assert "Neither the item nor a zip file has this picture" in message
    assert names_of(mug) == others


def test_a_form_of_an_import_that_is_sent_again_deletes_no_picture(
    admin_client: Client, make_item: Any
) -> None:
    item, other = make_item(), make_item()
    rows = [["id", "pictures"], [item.pk, "mug.jpg"], [other.pk, "mug.jpg"]]
    content = zip_with({"items.csv": csv_table(*rows), "mug.jpg": photo()})
    page = uploaded(admin_client, content, "items.zip")
    confirmed(admin_client, page)
    other.delete()
    assert "There is no item with this id" in confirmed(admin_client, page)
    [[(_text, content)]] = stored_pictures()
    assert Image.open(BytesIO(content)).size == (40, 20)


def test_new_pictures_whose_files_are_gone_are_asked_for_again(
    admin_client: Client, item: Item, media: Path
) -> None:
    content = zip_with_photo(item)
    page = uploaded(admin_client, content, "items.zip")
    for each in (media / "items").iterdir():
        each.unlink()
    assert "Choose the file again" in confirmed(admin_client, page)
    assert not Picture.objects.exists()


def test_a_second_preview_is_as_old_as_the_pictures(admin_client: Client, item: Item) -> None:
    """The worker deletes unused files."""
    content = zip_with_photo(item)
    page = uploaded(admin_client, content, "items.zip")
    Picture.objects.create(item=item, image="items/other.png", width=1, height=1)
    again = confirmed(admin_client, page)
    first, second = (
        signing.loads(packed_of(each), salt=import_page.SALT)["at"] for each in (page, again)
    )
    assert first == second
    assert timedelta(seconds=import_page.PACKED_SECONDS) < UNUSED_AFTER
