"""Zip files that the import of items refuses, and mistakes in their pictures."""

import csv
import tracemalloc
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from store import item_upload, zip_files
from store.admin import item_import
from store.item_pictures import name_key
from store.models import Item, Picture
from store.tables import MAX_FILE_BYTES, Unreadable
from store.zip_files import UploadedZip
from tests.support.item_files import mistakes_of, stored, uploaded, xlsx
from tests.support.photos import bomb, photo, plain
from tests.support.zips import zip_with

NAMES = [f"{number}.png" for number in range(21)]
TABLE = "name,price,currency,pictures\nMug,9,USD,mug.jpg\n"
NEITHER = "Neither the item nor a zip file has this picture. Each line of the cell names one."
NOT_UNPACKED = "The file can’t be unpacked: it is damaged, or protected by a password."
MISTAKES = [
    ("missing.jpg", "missing.jpg: " + NEITHER),
    ("mug.jpg, 1.png", "mug.jpg, 1.png: " + NEITHER),
    ("| A mug", ": " + NEITHER),
    ("mug.svg", "mug.svg: The shop can’t show this file. Choose a picture in JPEG, PNG"),
    ("half.jpg", "half.jpg: The picture is damaged: it can’t be read to its end."),
    ("pixels.png", "pixels.png: The picture has more than 50 megapixels."),
    ("bytes.jpg", "bytes.jpg: The picture is larger than 20 MB. Choose a smaller one."),
    ("mug.jpg\nphotos\\MUG.JPG", "MUG.JPG: The row names this picture twice."),
    ("\n".join(NAMES), "An item can have at most 20 pictures."),
    (f"mug.jpg | {'x' * 201}", "mug.jpg: Ensure this value has at most 200 characters"),
    ("mug.jpg | A\x00mug", "mug.jpg: Null characters are not allowed."),
    ("twin.jpg", "twin.jpg: The zip file has several files with this name. Rename them."),
    ("broken.jpg", "broken.jpg: " + NOT_UNPACKED),
    ("secret.jpg", "secret.jpg: " + NOT_UNPACKED),
    ("bzip2.jpg", "bzip2.jpg: " + NOT_UNPACKED),
    ("liar.jpg", "liar.jpg: " + NOT_UNPACKED),
]


def zip_with_mistakes() -> bytes:
    rows = StringIO()
    csv.writer(rows).writerows(
        [["name", "price", "currency", "pictures"]]
        + [["Mug", 9, "USD", cell] for cell, _message in MISTAKES]
        + [["Mug", 9, "USD", "mug.jpg"], ["", 9, "USD", "missing.jpg"]]
    )
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("items.csv", rows.getvalue())
        for number, name in enumerate(NAMES, start=1):
            archive.writestr(name, plain("PNG", (number, 1)))
        for name in ("mug.jpg", "a/twin.jpg", "b/twin.jpg", "secret.jpg", "liar.jpg"):
            archive.writestr(name, photo())
        archive.writestr("bzip2.jpg", photo(), ZIP_BZIP2)
        archive.writestr("half.jpg", photo()[:-30])
        archive.writestr("broken.jpg", b"Some bytes")
        archive.writestr("mug.svg", "<svg xmlns='http://www.w3.org/2000/svg'></svg>")
        archive.writestr("pixels.png", bomb(13_000, 13_000))
        archive.writestr("bytes.jpg", b"x" * 20_000_001, ZIP_DEFLATED)
        archive.getinfo("secret.jpg").flag_bits |= 1
        archive.getinfo("liar.jpg").file_size -= 10
    return content.getvalue().replace(b"Some bytes", b"Same bytes")


def test_mistakes_in_pictures_name_the_row_and_change_nothing(
    admin_client: Client, item: Item, media: Path
) -> None:
    before = stored()
    page = uploaded(admin_client, zip_with_mistakes(), "items.zip")
    found = mistakes_of(page.replace("&#x27;", "'"))
    expected = [(row, "pictures", message) for row, (_, message) in enumerate(MISTAKES, start=2)]
    last = len(MISTAKES) + 3
    expected += [(last, "name", "This field is required."), (last, "pictures", "missing.jpg: ")]
    for (row, column, message), (found_row, found_column, found_message) in zip(
        expected, found, strict=True
    ):
        assert (str(row), column) == (found_row, found_column)
        assert found_message.startswith(message)
    assert "Nothing was changed" in page
    assert 'name="packed"' not in page
    assert stored() == before
    assert not Picture.objects.exists()
    assert not [*(media / "items").iterdir()]


def test_a_table_alone_names_no_new_pictures(admin_client: Client) -> None:
    [(row, column, message)] = mistakes_of(uploaded(admin_client, TABLE))
    assert (row, column, message) == ("2", "pictures", "mug.jpg: " + NEITHER)


def damaged(content: bytes) -> bytes:
    return content.replace(b"PK\x01\x02", b"PK\x01\x03")


REFUSED: list[tuple[bytes, str]] = [
    (b"name\nMug", "isn’t a readable zip file"),
    (damaged(zip_with({"items.csv": TABLE})), "isn’t a readable zip file"),
    (zip_with({"mug.jpg": "x"}), "has no table, a file in CSV or XLSX"),
    (zip_with({"__MACOSX/._items.csv": TABLE}), "has no table, a file in CSV or XLSX"),
    (zip_with({"items.csv": TABLE, "a/items.XLSX": "x"}), "has more than one table"),
    (zip_with({"items.csv": "colour\nred"}), "unknown column, “colour”"),
    (zip_with({"items.xlsx": TABLE}), "isn’t a readable XLSX file"),
    (zip_with({"items.csv": "x" * (MAX_FILE_BYTES + 1)}), "The table is larger than 10 MB"),
    (zip_with({"items.csv": TABLE} | dict.fromkeys("abc", "x")), "more than 3 files"),
    (zip_with({"items.csv": TABLE, "a": b"x" * 11_000_000}), "unpacks to more than 10 MB"),
    (zip_with({"items.csv": TABLE + "Cup,9,USD,mug.jpg\n", "mug.jpg": photo()}), "more than 1 pic"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED, ids=[each for _, each in REFUSED])
def test_refuses_a_zip_file(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str, media: Path
) -> None:
    monkeypatch.setattr(zip_files, "MAX_MEMBERS", 3)
    monkeypatch.setattr(item_upload, "MAX_NEW_PICTURES", 1)
    if "10 MB" in message:
        monkeypatch.setattr(zip_files, "MAX_UNPACKED_BYTES", 10_500_000)
    page = uploaded(admin_client, content, "items.zip")
    assert message in page
    assert 'name="packed"' not in page
    assert not media.exists()


def test_a_zip_file_that_is_too_large_is_refused(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = admin_client.get("/admin/store/item/import/").text
    sentence = "The file is larger than 25 MB. Send the items in several zip files."
    assert f'data-most-bytes="25000000" data-too-large="{sentence}"' in page
    assert "js/pictures.js" in page
    monkeypatch.setattr(item_import, "MAX_BYTES_TOGETHER", 100)
    content = zip_with({"items.csv": TABLE, "mug.jpg": photo()})
    assert sentence in uploaded(admin_client, content, "items.zip")


def test_a_preview_that_is_too_long_leaves_no_pictures(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    monkeypatch.setattr(item_import, "MAX_PACKED_LENGTH", 100)
    content = zip_with({"items.csv": TABLE, "mug.jpg": photo()})
    assert "too much text" in uploaded(admin_client, content, "items.zip")
    assert not [*(media / "items").iterdir()]


def opened(content: bytes) -> UploadedZip:
    return UploadedZip(SimpleUploadedFile("items.zip", content))


def test_unpacks_no_more_than_a_file_says_that_it_has() -> None:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        with archive.open("mug.jpg", "w") as member:
            for _ in range(100):
                member.write(bytes(1_000_000))
        archive.getinfo("mug.jpg").file_size = 1_000
    uploaded_zip = opened(content.getvalue())
    tracemalloc.start()
    with pytest.raises(Unreadable):
        uploaded_zip.picture("mug.jpg")
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.parametrize("lie", ["size", "method"])
def test_a_spreadsheet_is_not_larger_than_it_says(admin_client: Client, lie: str) -> None:
    source, content = ZipFile(BytesIO(xlsx(["name"], ["Mug"]))), BytesIO()
    with ZipFile(content, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name), ZIP_BZIP2 if lie == "method" else None)
        archive.getinfo("xl/styles.xml").file_size -= 10 if lie == "size" else 0
    page = uploaded(admin_client, content.getvalue(), "items.xlsx")
    assert "isn’t a readable XLSX file, or it is too large" in page


@pytest.mark.parametrize(
    ("stored_as", "named"),
    [
        ("photos/2026/Mug.JPG", "mug.jpg"),
        ("../../etc/mug.jpg", "mug.jpg"),
        ("/srv/mug.jpg", "pictures/mug.jpg"),
        ("photos\\mug.jpg", "C:\\photos\\mug.jpg"),
        ("Кружка.jpg", "кружка.jpg"),
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        ("caf\u00e9.jpg", "cafe\u0301.jpg"),
    ],
)
def test_a_name_is_found_in_any_spelling(
    admin_client: Client, stored_as: str, named: str, media: Path
) -> None:
    table = TABLE.replace("mug.jpg", named)
    page = uploaded(admin_client, zip_with({"items.csv": table, stored_as: photo()}), "items.zip")
    assert "1 new picture" in page
    [name] = [each.name for each in (media / "items").iterdir()]
    assert name.endswith(".jpeg")
    assert {each.name for each in media.iterdir()} == {"items"}


@pytest.mark.parametrize("code_page", ["utf-8", "cp866", "cp437"])
def test_a_name_is_found_in_the_code_page_of_its_system(code_page: str) -> None:
    """Without the flag that says that it is in UTF-8."""
    name = "tasse-ü.jpg" if code_page == "cp437" else "Кружка.jpg"
    raw = name.encode(code_page)
    content = zip_with({"x" * len(raw): "content"}).replace(b"x" * len(raw), raw)
    archive = opened(content)
    assert archive.picture(name_key(name)) == b"content"
    assert archive.others([name_key(name)]) == []
