"""Pictures in the import and the export of items: what changes."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from store.models import Item, Picture
from tests.support.item_files import confirmed, exported, packed_of, stored, uploaded, xlsx
from tests.support.item_pictures import (
    ALTERNATIVES,
    add_file,
    csv_table,
    file_names,
    names_of,
    pictures_csv,
    stored_pictures,
    zip_with_photo,
)
from tests.support.photos import photo, plain
from tests.support.rights import client_of_staff
from tests.support.zips import grainy, zip_with


def test_a_round_trip_into_an_empty_shop_gives_the_same_pictures(
    admin_client: Client, mug: Item, make_item: Any, media: Path
) -> None:
    add_file(make_item(name="Cup"), plain("GIF"), "A cup")
    make_item(name="Without a picture")
    items, pictures = stored(), stored_pictures()
    content = exported(admin_client, "zip")
    Item.objects.all().delete()
    for each in (media / "items").iterdir():
        each.unlink()
    page = uploaded(admin_client, content, "items.zip", adds_unknown="on")
    assert "3 new items, 0 changed items" in page
    assert "4 new pictures" in page
    assert not Picture.objects.exists()
    confirmed(admin_client, page)
    assert (stored(), stored_pictures()) == (items, pictures)
    assert [
        (each.width, each.height, each.needs_sizes) for each in Picture.objects.order_by("pk")
    ] == [(20, 40, True), (60, 40, True), (60, 40, True), (60, 40, True), (40, 20, True)]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "zip"])
def test_what_was_exported_changes_nothing(
    admin_client: Client, mug: Item, media: Path, kind: str
) -> None:
    before = file_names(media)
    page = uploaded(admin_client, exported(admin_client, kind), f"items.{kind}")
    assert "0 new items, 0 changed items, 1 unchanged item" in page
    assert 'name="packed"' not in page
    assert file_names(media) == before


def test_photos_that_the_shop_has_already_are_not_stored_again(
    admin_client: Client, make_item: Any, media: Path
) -> None:
    item = make_item()
    photos = {"IMG 1.jpg": photo(), "IMG 2.jpg": grainy()}
    table = pictures_csv(item, "IMG 1.jpg | A mug", "IMG 2.jpg")
    content = zip_with({"items.csv": table, **photos})
    page = uploaded(admin_client, content, "items.zip")
    assert "2 new pictures" in page
    confirmed(admin_client, page)
    assert [text for text, _content in stored_pictures()[0]] == ["A mug", ""]
    before = file_names(media)
    assert "1 unchanged item" in uploaded(admin_client, content, "items.zip")
    table = pictures_csv(item, "IMG 2.jpg", "IMG 1.jpg | A mug")
    swapped = zip_with({"items.csv": table, **photos})
    page = uploaded(admin_client, swapped, "items.zip")
    assert "pictures</code>: order of the pictures changed" in page
    confirmed(admin_client, page)
    assert [text for text, _content in stored_pictures()[0]] == ["", "A mug"]
    assert file_names(media) == before


def test_a_preview_says_what_will_change(admin_client: Client, mug: Item) -> None:
    first, second, third, _fourth = names_of(mug)
    lines = [f"{second} | Another text", first, third, "new.png | New", "newer.png"]
    content = zip_with(
        {"items.xlsx": xlsx(["id", "pictures"], [mug.pk, "\n".join(lines)])}
        | {"photos/new.png": plain("PNG"), "photos/newer.png": plain("PNG", (30, 30))}
    )
    before = stored_pictures()
    page = uploaded(admin_client, content, "items.zip")
    assert (
        "pictures</code>: 2 new pictures, 1 picture removed, 2 text alternatives changed,"
        " order of the pictures changed" in page
    )
    assert stored_pictures() == before
    updated_at = Item.objects.get().updated_at
    confirmed(admin_client, page)
    [pictures] = stored_pictures()
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
    page = uploaded(admin_client, pictures_csv(mug, second.upper(), f"{first} | One"))
    assert "2 pictures removed, 2 text alternatives changed, order" in page
    confirmed(admin_client, page)
    assert names_of(mug) == [second, first]
    page = uploaded(admin_client, pictures_csv(mug))
    assert "2 pictures removed" in page
    confirmed(admin_client, page)
    assert stored_pictures() == [[]]


def test_one_photo_of_several_items_is_stored_for_each(admin_client: Client, media: Path) -> None:
    row = ["Mug", 9, "USD", "mug.jpg"]
    rows = csv_table(["name", "price", "currency", "pictures"], row, row)
    content = zip_with({"items.csv": rows, "mug.jpg": photo()})
    confirmed(admin_client, uploaded(admin_client, content, "items.zip"))
    [[first], [second]] = stored_pictures()
    assert first == second
    assert len(file_names(media)) == 2


def test_pictures_are_read_before_the_transaction(
    admin_client: Client, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody else can write meanwhile."""
    content = zip_with_photo(item)
    page = uploaded(admin_client, content, "items.zip")
    monkeypatch.setattr(Image, "open", None)
    confirmed(admin_client, page)
    assert Picture.objects.count() == 1


def test_writes_pictures_in_few_statements(admin_client: Client, make_item: Any) -> None:
    def of_import(items: list[Item]) -> int:
        rows = [[item.pk, "a.png | A\nb.png"] for item in items]
        pictures = {"a.png": plain("PNG"), "b.png": plain("PNG", (30, 30))}
        content = zip_with({"items.csv": csv_table(["id", "pictures"], *rows), **pictures})
        page = uploaded(admin_client, content, "items.zip")
        with CaptureQueriesContext(connection) as captured:
            confirmed(admin_client, page)
        assert Picture.objects.filter(item__in=items).count() == 2 * len(items)
        return len(captured)

    items = [make_item() for _ in range(8)]
    of_two = of_import(items[:2])
    assert of_import(items[2:]) <= of_two


def test_pictures_need_the_rights_for_pictures(item: Item, media: Path) -> None:
    rights = ("store.view_item", "store.add_item", "store.change_item")
    helper = client_of_staff(*rights)
    content = zip_with_photo(item)
    page = uploaded(helper, content, "items.zip")
    assert "You can’t change pictures" in page
    assert 'name="packed"' not in page
    assert not file_names(media)
    assert "1 unchanged item" in uploaded(helper, pictures_csv(item))
    pictures = [f"store.{action}_picture" for action in ("add", "change", "delete")]
    page = uploaded(client_of_staff(*rights, *pictures), content, "items.zip")
    assert "1 new picture" in page
    sent = {"packed": packed_of(page)}
    assert helper.post("/admin/store/item/import/", sent).status_code == 403
    assert not Picture.objects.exists()


def test_names_the_files_that_no_row_names(admin_client: Client, item: Item) -> None:
    sent: dict[str, bytes | str] = {
        "items/items.csv": pictures_csv(item, "mug.jpg"),
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
