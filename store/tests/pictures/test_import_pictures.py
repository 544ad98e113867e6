"""Pictures in the import and the export of items: what changes."""

import csv
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from store import item_import
from store.admin import item_import as import_page
from store.item_plan import plan
from store.item_rows import ItemRow
from store.models import Item, Picture
from store.pictures.cleaning import cleaned
from store.pictures.unused import UNUSED_AFTER
from tests.support.item_files import (
    confirmed,
    exported,
    mistakes_of,
    packed_of,
    stored,
    uploaded,
    xlsx,
)
from tests.support.photos import photo, plain
from tests.support.rights import client_of_staff
from tests.support.zips import grainy, zip_with

ALTERNATIVES = ["A mug | blue; red, “big”", "", "=1+1", "Кружка: café, 350 ml"]


def add(item: Item, content: bytes, alternative: str = "", position: int = 100) -> Picture:
    file = cleaned(ContentFile(content))
    return Picture.objects.create(item=item, image=file, alternative=alternative, position=position)


@pytest.fixture
def mug(make_item: Any) -> Item:
    """An item with a picture in each format that is stored, the last one first."""
    item: Item = make_item(name="Mug")
    contents = [grainy(), grainy("PNG", "RGBA"), grainy("WEBP"), photo(orientation=6)]
    for number, (content, text) in enumerate(zip(contents, ALTERNATIVES, strict=True)):
        add(item, content, text, position=40 - number)
    return item


def shown() -> list[list[tuple[str, bytes]]]:
    """The pictures of all items: the text alternatives, and the contents of the files."""
    items = Item.objects.order_by("pk").prefetch_related("pictures")
    return [
        [(each.alternative, content_of(each)) for each in item.pictures.all()] for item in items
    ]


def content_of(picture: Picture) -> bytes:
    return Path(picture.image.path).read_bytes()


def names_of(item: Item) -> list[str]:
    return [Path(f"{each.image.name}").name for each in item.pictures.all()]


def files(media: Path) -> set[str]:
    return {each.name for each in (media / "items").glob("*")}


def table(*rows: Sequence[Any]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def of(item: Item, *lines: str) -> str:
    return table(["id", "pictures"], [item.pk, "\n".join(lines)])


def test_a_round_trip_into_an_empty_shop_gives_the_same_pictures(
    admin_client: Client, mug: Item, make_item: Any, media: Path
) -> None:
    add(make_item(name="Cup"), plain("GIF"), "A cup")
    make_item(name="Without a picture")
    items, pictures = stored(), shown()
    content = exported(admin_client, "zip")
    Item.objects.all().delete()
    for each in (media / "items").iterdir():
        each.unlink()
    page = uploaded(admin_client, content, "items.zip", adds_unknown="on")
    assert "3 new items, 0 changed items" in page
    assert "4 new pictures" in page
    assert not Picture.objects.exists()
    confirmed(admin_client, page)
    assert (stored(), shown()) == (items, pictures)
    assert [
        (each.width, each.height, each.needs_sizes) for each in Picture.objects.order_by("pk")
    ] == [(20, 40, True), (60, 40, True), (60, 40, True), (60, 40, True), (40, 20, True)]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "zip"])
def test_what_was_exported_changes_nothing(
    admin_client: Client, mug: Item, media: Path, kind: str
) -> None:
    before = files(media)
    page = uploaded(admin_client, exported(admin_client, kind), f"items.{kind}")
    assert "0 new items, 0 changed items, 1 unchanged item" in page
    assert 'name="packed"' not in page
    assert files(media) == before


def test_photos_that_the_shop_has_already_are_not_stored_again(
    admin_client: Client, make_item: Any, media: Path
) -> None:
    item = make_item()
    photos = {"IMG 1.jpg": photo(), "IMG 2.jpg": grainy()}
    content = zip_with({"items.csv": of(item, "IMG 1.jpg | A mug", "IMG 2.jpg"), **photos})
    page = uploaded(admin_client, content, "items.zip")
    assert "2 new pictures" in page
    confirmed(admin_client, page)
    assert [text for text, _content in shown()[0]] == ["A mug", ""]
    before = files(media)
    assert "1 unchanged item" in uploaded(admin_client, content, "items.zip")
    swapped = zip_with({"items.csv": of(item, "IMG 2.jpg", "IMG 1.jpg | A mug"), **photos})
    page = uploaded(admin_client, swapped, "items.zip")
    assert "pictures</code>: order of the pictures changed" in page
    confirmed(admin_client, page)
    assert [text for text, _content in shown()[0]] == ["", "A mug"]
    assert files(media) == before


def test_a_preview_says_what_will_change(admin_client: Client, mug: Item) -> None:
    first, second, third, _fourth = names_of(mug)
    lines = [f"{second} | Another text", first, third, "new.png | New", "newer.png"]
    content = zip_with(
        {"items.xlsx": xlsx(["id", "pictures"], [mug.pk, "\n".join(lines)])}
        | {"photos/new.png": plain("PNG"), "photos/newer.png": plain("PNG", (30, 30))}
    )
    before = shown()
    page = uploaded(admin_client, content, "items.zip")
    assert (
        "pictures</code>: 2 new pictures, 1 picture removed, 2 text alternatives changed,"
        " order of the pictures changed" in page
    )
    assert shown() == before
    updated_at = Item.objects.get().updated_at
    confirmed(admin_client, page)
    [pictures] = shown()
    texts = [text for text, _content in pictures]
    assert texts == ["Another text", "", ALTERNATIVES[1], "New", ""]
    contents = [content for _text, content in before[0]]
    assert [content for _text, content in pictures[:3]] == [contents[1], contents[0], contents[2]]
    assert names_of(mug)[:3] == [second, first, third]
    assert Item.objects.get().updated_at > updated_at


def test_a_table_alone_changes_the_pictures_that_are_there(admin_client: Client, mug: Item) -> None:
    first, second, *_others = names_of(mug)
    confirmed(admin_client, uploaded(admin_client, f"id,name\n{mug.pk},Jar"))
    assert len(names_of(mug)) == 4
    page = uploaded(admin_client, of(mug, second.upper(), f"{first} | One"))
    assert "2 pictures removed, 2 text alternatives changed, order" in page
    confirmed(admin_client, page)
    assert names_of(mug) == [second, first]
    page = uploaded(admin_client, of(mug))
    assert "2 pictures removed" in page
    confirmed(admin_client, page)
    assert shown() == [[]]


def test_one_photo_of_several_items_is_stored_for_each(admin_client: Client, media: Path) -> None:
    row = ["Mug", 9, "USD", "mug.jpg"]
    rows = table(["name", "price", "currency", "pictures"], row, row)
    content = zip_with({"items.csv": rows, "mug.jpg": photo()})
    confirmed(admin_client, uploaded(admin_client, content, "items.zip"))
    [[first], [second]] = shown()
    assert first == second
    assert len(files(media)) == 2


def test_pictures_are_read_before_the_transaction(
    admin_client: Client, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody else can write meanwhile."""
    content = zip_with({"items.csv": of(item, "mug.jpg"), "mug.jpg": photo()})
    page = uploaded(admin_client, content, "items.zip")
    monkeypatch.setattr(Image, "open", None)
    confirmed(admin_client, page)
    assert Picture.objects.count() == 1


def test_writes_pictures_in_few_statements(admin_client: Client, make_item: Any) -> None:
    def of_import(items: list[Item]) -> int:
        rows = [[item.pk, "a.png | A\nb.png"] for item in items]
        pictures = {"a.png": plain("PNG"), "b.png": plain("PNG", (30, 30))}
        content = zip_with({"items.csv": table(["id", "pictures"], *rows), **pictures})
        page = uploaded(admin_client, content, "items.zip")
        with CaptureQueriesContext(connection) as captured:
            confirmed(admin_client, page)
        assert Picture.objects.filter(item__in=items).count() == 2 * len(items)
        return len(captured)

    items = [make_item() for _ in range(8)]
    of_two = of_import(items[:2])
    assert of_import(items[2:]) <= of_two


def replace(picture: Picture) -> None:
    add(picture.item, plain("PNG"))


def describe(picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(alternative="Meanwhile")


def remove(picture: Picture) -> None:
    picture.delete()


@pytest.mark.parametrize("change", [replace, describe, remove])
def test_somebody_changes_the_pictures_before_the_import_is_confirmed(
    admin_client: Client, make_item: Any, change: Any
) -> None:
    item = make_item()
    picture = add(item, grainy(), "Old")
    content = zip_with({"items.csv": of(item, "new.jpg"), "new.jpg": photo()})
    page = uploaded(admin_client, content, "items.zip")
    change(picture)
    before = shown()
    page = confirmed(admin_client, page)
    assert "Items were changed meanwhile, so nothing was imported" in page
    assert shown() == before
    confirmed(admin_client, page)
    [[(text, _content)]] = shown()
    assert text == ""


@pytest.mark.parametrize("change", [replace, describe, remove])
def test_a_change_of_pictures_between_comparison_and_writing_is_noticed(
    mug: Item, admin_user: User, change: Any
) -> None:
    first = mug.pictures.all()[0]
    row = ItemRow(2, {"id": str(mug.pk), "pictures": names_of(mug)[1]}, extra="", files={})
    changes = plan([row], adds_unknown=False)
    change(first)
    before = shown()
    with pytest.raises(item_import.ChangedMeanwhile):
        item_import.carry_out(changes, user=admin_user, name="x")
    assert shown() == before


def test_a_picture_that_the_zip_repeats_was_deleted_meanwhile(
    admin_client: Client, mug: Item
) -> None:
    first, *others = names_of(mug)
    with ZipFile(BytesIO(exported(admin_client, "zip"))) as archive:
        content = archive.read(f"pictures/{first}")
    sent = zip_with(
        {"items.csv": of(mug, "mug.jpg", "b.png"), "mug.jpg": content, "b.png": photo()}
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
    content = zip_with({"items.csv": table(*rows), "mug.jpg": photo()})
    page = uploaded(admin_client, content, "items.zip")
    confirmed(admin_client, page)
    other.delete()
    assert "There is no item with this id" in confirmed(admin_client, page)
    [[(_text, content)]] = shown()
    assert Image.open(BytesIO(content)).size == (40, 20)


def test_new_pictures_whose_files_are_gone_are_asked_for_again(
    admin_client: Client, item: Item, media: Path
) -> None:
    content = zip_with({"items.csv": of(item, "mug.jpg"), "mug.jpg": photo()})
    page = uploaded(admin_client, content, "items.zip")
    for each in (media / "items").iterdir():
        each.unlink()
    assert "Choose the file again" in confirmed(admin_client, page)
    assert not Picture.objects.exists()


def test_a_second_preview_is_as_old_as_the_pictures(admin_client: Client, item: Item) -> None:
    """The worker deletes unused files."""
    content = zip_with({"items.csv": of(item, "mug.jpg"), "mug.jpg": photo()})
    page = uploaded(admin_client, content, "items.zip")
    Picture.objects.create(item=item, image="items/other.png", width=1, height=1)
    again = confirmed(admin_client, page)
    first, second = (
        signing.loads(packed_of(each), salt=import_page.SALT)["at"] for each in (page, again)
    )
    assert first == second
    assert timedelta(seconds=import_page.PACKED_SECONDS) < UNUSED_AFTER


def test_pictures_need_the_rights_for_pictures(item: Item, media: Path) -> None:
    rights = ("store.view_item", "store.add_item", "store.change_item")
    helper = client_of_staff(*rights)
    content = zip_with({"items.csv": of(item, "mug.jpg"), "mug.jpg": photo()})
    page = uploaded(helper, content, "items.zip")
    assert "You can’t change pictures" in page
    assert 'name="packed"' not in page
    assert not files(media)
    assert "1 unchanged item" in uploaded(helper, of(item))
    pictures = [f"store.{action}_picture" for action in ("add", "change", "delete")]
    page = uploaded(client_of_staff(*rights, *pictures), content, "items.zip")
    assert "1 new picture" in page
    sent = {"packed": packed_of(page)}
    assert helper.post("/admin/store/item/import/", sent).status_code == 403
    assert not Picture.objects.exists()


def test_names_the_files_that_no_row_names(admin_client: Client, item: Item) -> None:
    sent: dict[str, bytes | str] = {
        "items/items.csv": of(item, "mug.jpg"),
        "items/pictures/mug.jpg": photo(),
        "items/pictures/café <2>.jpg": photo(),
        "items/readme.txt": "x",
        "__MACOSX/items/._items.csv": "x",
        "items/.DS_Store": "x",
        "items/Thumbs.db": "x",
        "items/~$items.xlsx": "x",
        "items/pictures/": "",
    }
    page = uploaded(admin_client, zip_with(sent), "items.zip")
    assert "1 new picture" in page
    assert "so they are left out:" in page
    assert "café &lt;2&gt;.jpg, readme.txt\n" in page
