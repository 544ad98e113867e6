"""The zip file with items and their pictures."""

import csv
import tracemalloc
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from store import zip_files
from store.admin import item_export
from store.item_rows import oldest_first
from store.models import Item, Picture
from tests.support.item_files import LIST, exported
from tests.support.photos import photo, plain
from tests.support.rights import client_of_staff

MEGABYTE = 1_000_000


def add(item: Item, content: bytes, kind: str = "png", **fields: Any) -> Picture:
    file = ContentFile(content, f"picture.{kind}")
    return Picture.objects.create(item=item, image=file, **fields)


def test_has_the_table_and_the_stored_files(
    admin_client: Client, make_item: Any, media: Path
) -> None:
    mug, cup = make_item(name="Mug"), make_item(name="Cup", currency="EUR")
    back = add(mug, plain("PNG"), alternative="The back", position=2)
    front = add(mug, photo(), "jpeg", alternative="A mug | blue", position=1)
    add(cup, plain("PNG"))
    with ZipFile(BytesIO(exported(admin_client, "zip", "currency=USD"))) as archive:
        table, *pictures = archive.infolist()
        lines = archive.read("items.csv").decode("utf-8-sig").splitlines(keepends=True)
        contents = {f"items/{Path(each.filename).name}": archive.read(each) for each in pictures}
    assert table.filename == "items.csv"
    assert {Path(each.filename).parent.name for each in pictures} == {"pictures"}
    assert {each.compress_type for each in pictures} == {ZIP_STORED}
    assert contents == {
        f"{each.image.name}": (media / f"{each.image.name}").read_bytes() for each in (front, back)
    }
    [row] = csv.DictReader(lines)
    names = [f"{each.image.name}".removeprefix("items/") for each in (front, back)]
    assert row["pictures"] == f"{names[0]} | A mug | blue\n{names[1]} | The back"
    assert f'href="{LIST}export.zip?currency=USD"' in admin_client.get(f"{LIST}?currency=USD").text


def test_leaves_out_a_file_that_is_gone(admin_client: Client, item: Item, media: Path) -> None:
    picture = add(item, photo(), "jpeg")
    (media / f"{picture.image.name}").unlink()
    with ZipFile(BytesIO(exported(admin_client, "zip"))) as archive:
        assert archive.namelist() == ["items.csv"]


def test_is_written_to_the_disk_part_by_part(item: Item, media: Path) -> None:
    for number in range(20):
        picture = add(item, plain("PNG", (number + 1, 1)))
        (media / f"{picture.image.name}").write_bytes(bytes([number]) * MEGABYTE)
    before = {*media.rglob("*")}
    tracemalloc.start()
    file = zip_files.zip_of(oldest_first(Item.objects.all()))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5 * MEGABYTE
    assert file.seek(0, 2) > 20 * MEGABYTE
    assert Path(f"/proc/self/fd/{file.fileno()}").readlink().is_relative_to(media)
    file.close()
    assert {*media.rglob("*")} == before


def test_says_how_much_fits(
    admin_client: Client, item: Item, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    picture = add(item, plain("PNG"))
    (media / f"{picture.image.name}").write_bytes(b"x" * 2048)
    assert exported(admin_client, "zip")
    monkeypatch.setattr(zip_files, "MAX_ZIP_BYTES", 1024)
    sentence = "The pictures have 2.0\xa0KB together, at most 1.0\xa0KB fit. Filter the list."
    assert sentence in admin_client.get(f"{LIST}export.zip", follow=True).text
    monkeypatch.undo()
    monkeypatch.setattr(zip_files, "disk_usage", lambda _folder: SimpleNamespace(free=2048))
    assert sentence in admin_client.get(f"{LIST}export.zip", follow=True).text


def test_limits_the_rows(
    admin_client: Client, make_item: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_item()
    make_item()
    monkeypatch.setattr(item_export, "MAX_XLSX_ROWS", 1)
    answer = admin_client.get(f"{LIST}export.zip", follow=True)
    assert "ZIP files have at most 1 rows" in answer.text


def test_needs_the_right_to_view_items(item: Item) -> None:
    assert exported(client_of_staff("store.view_item"), "zip")
    assert client_of_staff("cart.ship_order").get(f"{LIST}export.zip").status_code == 403
