"""A merchant imports and exports items, with a real server and a browser."""

import csv
import random
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from store.tables import MAX_ROWS
from tests.support.photos import photo
from tests.support.shops import Shop
from tests.support.staff import log_in
from tests.support.zips import zip_with

LETTERS = "abcdefghijklmnopqrstuvwxyz      "


def write_items(path: Path) -> None:
    chance = random.Random(1)  # noqa: S311  # texts that can't be packed well, but the same each time
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "description", "price", "currency"])
        for number in range(MAX_ROWS):
            text = "".join(chance.choices(LETTERS, k=500))
            rows.writerow([f"Card {number}", text, "3.50", "USD"])


def test_imports_a_whole_file(page: Page, shop: Shop, tmp_path: Path) -> None:
    log_in(page, shop)
    write_items(tmp_path / "items.csv")
    page.goto("/admin/store/item/")
    page.get_by_role("link", name="Import").click()
    page.get_by_label("File").set_input_files(tmp_path / "items.csv")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name=f"{MAX_ROWS} new items")).to_be_visible(timeout=60_000)
    assert len(page.locator("[name=packed]").input_value()) > 500_000
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".messagelist")).to_contain_text(f"{MAX_ROWS} new items", timeout=60_000)
    page.goto("/admin/store/item/?q=Card+1234")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert [bool(re.match(r"\d+,Card 1234,", line)) for line in lines] == [False, True]


def test_exports_and_imports_pictures(page: Page, shop: Shop, tmp_path: Path) -> None:
    log_in(page, shop)
    table = 'name,price,currency,pictures\nZinc ladle,9,USD,"mug.jpg | A ladle"\n'
    (tmp_path / "items.zip").write_bytes(zip_with({"items.csv": table, "mug.jpg": photo()}))
    check(page, tmp_path / "items.zip")
    expect(page.locator("td", has_text="1 new picture")).to_be_visible()
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".messagelist")).to_contain_text("1 new item")
    page.goto("/admin/store/item/?q=zinc+ladle")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export with pictures").click()
    download.value.save_as(tmp_path / "exported.zip")
    check(page, tmp_path / "exported.zip")
    expect(page.get_by_role("heading", name="1 unchanged item")).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent(page: Page, shop: Shop, tmp_path: Path) -> None:
    log_in(page, shop)
    page.goto("/admin/store/item/import/")
    (tmp_path / "items.zip").write_bytes(bytes(25_000_001))
    page.get_by_label("File").set_input_files(tmp_path / "items.zip")
    expect(page.get_by_role("alert")).to_contain_text("Send the items in several zip files")
    expect(page.get_by_label("File")).to_have_value("")


def check(page: Page, path: Path) -> None:
    page.goto("/admin/store/item/import/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Check the file").click()
