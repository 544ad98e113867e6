"""Mistakes in a file of items, and files that the import refuses."""

import re
from io import BytesIO
from itertools import count
from zipfile import ZipFile

import pytest
from django.test import Client

from store import tables
from store.admin import item_import
from store.models import Collection, Item
from tests.support.item_files import confirmed, mistakes_of, stored, uploaded, xlsx

MISTAKES = [
    ("99999999,Mug,9,USD,,yes,yes,1,", "id", "There is no item with this id"),
    ("x1,Mug,9,USD,,yes,yes,1,", "id", "no number"),
    (",,9,USD,,yes,yes,1,", "name", "This field is required"),
    (f",{'x' * 201},9,USD,,yes,yes,1,", "name", "at most 200 characters"),
    (",Mug,cheap,USD,,yes,yes,1,", "price", "Enter a number"),
    (",Mug,9.005,USD,,yes,yes,1,", "price", "USD has 2 decimals"),
    (",Mug,0,USD,,yes,yes,1,", "price", "more than zero"),
    (",Mug,9,XXX,,yes,yes,1,", "currency", "Its currencies: USD, EUR"),
    (",Mug,9,USD,-2,yes,yes,1,", "stock", "greater than or equal to 0"),
    (",Mug,9,USD,many,yes,yes,1,", "stock", "Enter a whole number"),
    (",Mug,9,USD,,maybe,yes,1,", "needs_shipping", "Write yes or no"),
    (",Mug,9,USD,,yes,2,1,", "is_listed", "Write yes or no"),
    (",Mug,9,USD,,yes,yes,first,", "position", "Enter a whole number"),
    (",Mug,9,USD,,yes,yes,1,garden", "collections", "No collection has the address “garden”"),
    (",Mug,9,USD,,yes,yes,1,,rest", "rest", "more cells than the first row"),
    (",M\x00ug,9,USD,,yes,yes,1,", "name", "Null characters are not allowed"),
    (",Mug,9,USD,2147483648,yes,yes,1,", "stock", "less than or equal to 2147483647"),
    (",Mug,9,USD,,yes,yes,2147483648,", "position", "less than or equal to 2147483647"),
    (f"{'9' * 30},Mug,9,USD,,yes,yes,1,", "id", "no number"),
]


COLUMNS = "id,name,price,currency,stock,needs_shipping,is_listed,position,collections"


def test_mistakes_name_row_and_column_and_change_nothing(admin_client: Client, item: Item) -> None:
    good = f"{item.pk},New name,9,USD,1,no,no,2,"
    lines = [COLUMNS, good, *(line for line, _column, _message in MISTAKES), good, ",Good,9,USD"]
    before = stored()
    page = uploaded(admin_client, "\n".join(lines))
    found = mistakes_of(page)
    expected = [(str(row), *rest) for row, (_line, *rest) in enumerate(MISTAKES, start=3)]
    expected.append((str(len(MISTAKES) + 3), "id", "Another row has the same id"))
    for (row, column, message), (found_row, found_column, found_message) in zip(
        expected, found, strict=True
    ):
        assert (row, column) == (found_row, found_column)
        assert message in found_message
    assert "Nothing was changed" in page
    assert 'name="packed"' not in page
    assert stored() == before


def test_the_name_of_a_collection_is_no_address(admin_client: Client) -> None:
    Collection.objects.create(name="Kitchen and table", slug="kitchen-table")
    page = uploaded(admin_client, "name,price,currency,collections\nMug,9,USD,Kitchen and table")
    assert "No collection has the address “Kitchen”" in page
    assert "like kitchen-table, or add" in page


def test_a_form_with_mistakes_cannot_be_confirmed(admin_client: Client, item: Item) -> None:
    page = uploaded(admin_client, f"id,name\n{item.pk},New name\n")
    item.delete()
    assert "Items were changed meanwhile" in confirmed(admin_client, page)
    assert not Item.objects.exists()


def test_many_mistakes_are_counted(admin_client: Client) -> None:
    page = uploaded(admin_client, "name\n" + "Mug\n" * 60)
    assert "There are 120 mistakes" in page
    assert len(mistakes_of(page)) == 100


UNREADABLE: list[tuple[str, bytes, str]] = [
    ("items.csv", "name\nКружка".encode("cp1251"), "isn’t in UTF-8"),
    ("items.csv", b'name\n"Mug', "isn’t CSV"),
    ("items.csv", b"name,colour\nMug,red", "unknown column, “colour”"),
    ("items.csv", b"name,Name\nMug,Mug", "names the column “name” twice"),
    ("items.csv", b"name,price,,\n\n,,", "The file has no items"),
    ("items.csv", b"\n", "The file has no items"),
    ("items.csv", b"name\n" + b"Mug\n" * 4, "more than 3 rows"),
    ("items.xlsx", b"PK", "isn’t a readable XLSX file"),
    ("items.xlsx", xlsx(["name"], *[["Mug"]] * 4), "more than 3 rows"),
    ("items.ods", b"name\nMug", "ends in .csv, .xlsx or .zip"),
    ("items.csv", b"name\n" + b"x" * 2000, "larger than 10 MB"),
]


@pytest.mark.parametrize(("name", "content", "message"), UNREADABLE)
def test_refuses_what_is_no_table(
    admin_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    message: str,
) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    if "larger" in message:
        monkeypatch.setattr(item_import, "MAX_FILE_BYTES", 1000)
    page = uploaded(admin_client, content, name)
    assert message in page
    assert "packed" not in page


def with_row_number(number: int) -> bytes:
    """A spreadsheet whose second row has this number, and that doesn't say how many it has."""
    source, content = ZipFile(BytesIO(xlsx(["name"], ["Mug"]))), BytesIO()
    with ZipFile(content, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text = re.sub("<dimension[^>]*>", "", text)
                text = text.replace('<row r="2"', f'<row r="{number}"').replace("A2", f"A{number}")
            archive.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize("number", [1_048_576, 2_000_000_000])
def test_reads_few_of_the_rows_that_a_spreadsheet_leaves_out(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(tables, "MAX_READ_ROWS", 50)
    rows = count()
    monkeypatch.setattr(tables, "_as_text", lambda _value: "" if next(rows) else "name")
    content = with_row_number(number)
    page = uploaded(admin_client, content, "items.xlsx")
    assert "The file has cells below row 50" in page
    assert next(rows) <= 51 * tables.MAX_COLUMNS


def test_counts_the_empty_rows_of_a_text_file(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_READ_ROWS", 50)
    assert "below row 50" in uploaded(admin_client, "name" + "\n" * 51 + "Mug")
    page = uploaded(admin_client, "name,price,currency" + "\n" * 49 + "Mug,9,USD\n")
    assert "1 new item," in page


def test_refuses_a_file_that_unpacks_to_too_much(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED_BYTES", 1000)
    page = uploaded(admin_client, xlsx(["name"], ["Mug"]), "items.xlsx")
    assert "too large" in page


def test_expands_no_entities(admin_client: Client) -> None:
    source, bomb = ZipFile(BytesIO(xlsx(["name"], ["Mug"]))), BytesIO()
    with ZipFile(bomb, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text = '<!DOCTYPE worksheet [<!ENTITY mug "Mug">]>' + text.replace(
                    "Mug", "&mug;&mug;"
                )
            archive.writestr(name, text)
    assert "isn’t a readable XLSX file" in uploaded(admin_client, bomb.getvalue(), "items.xlsx")


def test_refuses_more_text_than_the_page_can_carry(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, item: Item
) -> None:
    monkeypatch.setattr(item_import, "MAX_PACKED_LENGTH", 100)
    page = uploaded(admin_client, f"id,name\n{item.pk},New name")
    assert "too much text" in page
    assert 'name="packed"' not in page
