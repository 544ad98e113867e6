"""The tables of `make bench`. tests/deployment/test_bench.py runs it."""

from pathlib import Path

import pytest

from bench import growth, report
from bench.measuring import Figures
from bench.rows import ADMIN_ROWS, ROWS, Row

ITEM, BUY = Row("item page", lambda _shop: [], goal=0.3), Row("Buy", lambda _shop: [])


def figures(**ratios: list[float]) -> Figures:
    return Figures([100], ratios, {name: [0.95] for name in ratios})


def cells(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_row_shows_the_median_of_its_rounds() -> None:
    measured = Figures([90, 110, 100], {"item page": [0.9, 0.5, 0.4]}, {"item page": [0.9]})
    _head, _line, empty, item = cells(report.rows_table([ITEM], {"SQLite": measured}))
    assert empty == ["empty view, requests a second", "", "100"]
    assert item == ["item page", "0.30", "0.50"]


def test_a_ratio_below_its_goal_is_bold() -> None:
    measured = Figures([100], {"item page": [0.2999]}, {"item page": [1]})
    assert cells(report.rows_table([ITEM], {"SQLite": measured}))[-1][-1] == "**0.30**"


def test_a_figure_that_the_server_does_not_limit_is_marked() -> None:
    measured = Figures([100], {"Buy": [0.05]}, {"Buy": [0.5]})
    assert cells(report.rows_table([BUY], {"SQLite": measured}))[-1][-1] == "0.050 †"


def test_a_row_that_only_one_column_has() -> None:
    columns = {"SQLite": figures(Buy=[0.1]), "PostgreSQL": Figures([100])}
    table = cells(report.rows_table([ITEM, BUY], columns))
    assert [line[0] for line in table[3:]] == ["Buy"]
    assert table[-1][-2:] == ["0.10", "–"]


def test_growth_that_costs_too_much_is_bold() -> None:
    sizes = {24: figures(**{"item page": [0.3]}), 1_000_000: figures(**{"item page": [0.15]})}
    sizes[24].ratios["list, first page"] = [0.3]
    sizes[1_000_000].ratios["list, first page"] = [0.25]
    table = {line[1]: line for line in cells(report.growth_table({"SQLite": sizes}))}
    assert table["item page"][2:] == ["0.30", "0.15", "**2.00**", "1.5"]
    assert table["list, first page"][4] == "1.20"
    assert set(table) == {"", "---", "item page", "list, first page"}
    assert growth.GOAL == 1.5


def test_a_search_is_compared_with_the_list_at_the_same_size() -> None:
    sizes = {24: figures(**{"list, first page": [0.9]}), 1_000_000: figures()}
    sizes[1_000_000].ratios |= {
        "list, first page": [0.4],
        "search for a common word": [0.2],
        "search for a missing word": [0.1],
    }
    table = {line[1]: line for line in cells(report.growth_table({"SQLite": sizes}))}
    assert table["search for a common word"][2:] == ["–", "0.20", "2.00", "3.0"]
    assert table["search for a missing word"][2:] == ["–", "0.10", "**4.00**", "3.0"]


def test_memory_that_grows_too_much_is_bold() -> None:
    table = report.memory_table(
        {"SQLite": [100 << 20, 109 << 20], "x": [100 << 20, 112 << 20]}, [1, 2]
    )
    assert [line[-1] for line in cells(table)[2:]] == ["+9%", "**+12%**"]


def test_saved_figures_replace_the_old_ones(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"Before\n{report.BEGIN}old\n{report.END}After\n")
    for text in ("first", "second"):
        report.save(text, document)
    assert document.read_text() == f"Before\n{report.BEGIN}\nsecond\n\n{report.END}After\n"


def test_the_document_has_a_place_for_the_figures() -> None:
    text = report.DOCUMENT.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1


@pytest.mark.parametrize("row", [*ROWS, *ADMIN_ROWS], ids=lambda row: row.name)
def test_each_row_can_be_named_in_only(row: Row) -> None:
    assert "," not in row.name  # it separates the words of ONLY
