"""A merchant imports as many items as a file may have, with a real server and a browser."""

import csv
import random
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from store.tables import MAX_ROWS
from tests.support.shops import Shop
from tests.support.staff import log_in

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
