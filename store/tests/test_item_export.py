"""The export of items in the admin."""

import os
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from store.admin import item_export
from store.models import Item
from store.tables import as_file
from tests.support.item_files import IMPORT, LIST, exported, items_of_all_kinds


@pytest.fixture
def shop(make_item: Any) -> list[Item]:
    return items_of_all_kinds(make_item)


def lines_of(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").splitlines()


def test_a_spreadsheet_program_runs_no_text_as_a_formula(
    admin_client: Client, shop: list[Item]
) -> None:
    lines = exported(admin_client).decode("utf-8-sig")
    for text in ("=1+1", "-50", "@you", "+1"):
        assert f",'{text}" in lines or f",\"'{text}" in lines
    sheet = load_workbook(BytesIO(exported(admin_client, "xlsx"))).worksheets[0]
    assert [cell.data_type for cell in sheet["B"]] == ["s"] * 12
    assert [cell.data_type for cell in sheet["D"][1:]] == ["n"] * 11


def test_exports_what_the_list_shows(admin_client: Client, shop: list[Item]) -> None:
    assert [line[:4] for line in lines_of(exported(admin_client, query="currency=EUR"))] == [
        "id,n",
        f"{shop[-1].pk},Mu"[:4],
    ]
    page = admin_client.get(f"{LIST}?currency=EUR").text
    assert f'href="{LIST}export.csv?currency=EUR"' in page
    assert f'href="{IMPORT}"' in page


def test_an_address_that_no_list_has_leads_to_the_list(admin_client: Client) -> None:
    assert admin_client.get(f"{LIST}export.csv?colour=red").status_code == 303
    assert admin_client.post(f"{LIST}export.csv").status_code == 405
    assert admin_client.get(f"{LIST}export.ods").status_code == 404


def test_limits_the_rows_of_a_spreadsheet(
    admin_client: Client, shop: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_export, "MAX_XLSX_ROWS", 10)
    answer = admin_client.get(f"{LIST}export.xlsx", follow=True)
    assert "XLSX files have at most 10 rows" in answer.text
    assert len(exported(admin_client)) > 500


def test_drops_characters_that_a_spreadsheet_cannot_hold(
    admin_client: Client, make_item: Any
) -> None:
    make_item(name="Mug\x07")
    sheet = load_workbook(BytesIO(exported(admin_client, "xlsx"))).worksheets[0]
    assert sheet["B2"].value == "Mug"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_file_is_on_the_disk_while_a_slow_browser_reads_it(file_format: str) -> None:
    """project/files.py sends it in parts then. Anything else is in memory until the end."""
    answer = as_file([["id"], [1]], "items", file_format)
    file: Any = answer.file_to_stream
    assert answer["Content-Length"] == str(os.fstat(file.fileno()).st_size) != "0"
    file.close()
