"""The figures as Markdown, for the terminal and for docs/performance.md."""

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median

import psutil

from bench import growth, memory
from bench.measuring import BUSY, Figures
from bench.rows import Row
from bench.shop import CORES

DOCUMENT = Path(__file__).resolve().parents[1] / "docs/performance.md"
BEGIN, END = "<!-- figures of make bench SAVE=1 -->\n", "<!-- end of figures -->\n"
NOT_MEASURED = "–"
IDLE = " †"
EXPLANATION = f"""\
Shares of the empty view, which was measured just before and after each. Bold: below the goal.
†: the processes of the server were busy for less than {BUSY:.0%} of the time, so the load, the
database or the local Stripe was the limit, or the machine did something else."""

SEARCHES = """\
Searches and sorted lists are compared with the first page of the list at the same size; the other
rows with their first figure."""


def save(figures: str, document: Path = DOCUMENT) -> None:
    """Replace the figures in the document."""
    before, _, rest = document.read_text().partition(BEGIN)
    _old, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{figures}\n\n{END}{after}")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine(today: date) -> str:
    memory_gb = round(psutil.virtual_memory().total / 2**30)
    return (
        f"Measured on {today.day} {today:%B %Y}: {_processor()}, {len(CORES)} cores, "
        f"{memory_gb} GB of memory, {platform.system()} {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}. "
        f"Load average at the start {os.getloadavg()[0]:.1f}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def rows_table(rows: Sequence[Row], columns: Mapping[str, Figures]) -> str:
    """Each row as a share of the empty view, with the goal."""
    empty = ["empty view, requests a second", ""]
    empty += [f"{median(each.empty_views):.0f}" for each in columns.values()]
    measured = [row for row in rows if any(row.name in each.ratios for each in columns.values())]
    lines = [
        [row.name, _number(row.goal), *(_share(each, row) for each in columns.values())]
        for row in measured
    ]
    return f"{table(['', 'goal', *columns], [empty, *lines])}\n\n{EXPLANATION}"


def _share(figures: Figures, row: Row) -> str:
    ratio = figures.ratio(row.name)
    if ratio is None:
        return NOT_MEASURED
    mark = "" if figures.is_limited_by_the_server(row.name) else IDLE
    text = f"{_number(ratio)}{mark}"
    return f"**{text}**" if ratio < row.goal else text


def _number(ratio: float) -> str:
    if not ratio:
        return ""
    if ratio >= 0.1:
        return f"{ratio:.2f}"
    return f"{ratio:.3f}" if ratio >= 0.01 else f"{ratio:.4f}"


def connections(columns: Mapping[str, Figures]) -> str:
    lines = []
    for column, figures in columns.items():
        for name, count in figures.connections_to_stripe.items():
            lines.append(f"* {column}, {name}: {count} to Stripe")
        if figures.connections_to_postgresql:
            lines.append(f"* {column}: {figures.connections_to_postgresql} to the database")
    return "\n".join(lines)


def growth_table(measured: Mapping[str, Mapping[int, Figures]]) -> str:
    """For each database and page: its share at each size, and how many times the cost has grown."""
    sizes = list(next(iter(measured.values())))
    lines = []
    for database, by_size in measured.items():
        for row in [*growth.ROWS, *growth.ROWS_OF_MANY, *growth.SEARCHES]:
            ratios = [by_size[size].ratio(row.name) for size in sizes]
            known = [ratio for ratio in ratios if ratio]
            if not known:
                continue
            of_list = by_size[sizes[-1]].ratio(growth.LIST.name)
            compared = of_list if row in growth.SEARCHES and of_list else known[0]
            times = compared / known[-1]
            cost = f"**{times:.2f}**" if row.goal and times > row.goal else f"{times:.2f}"
            goal = f"{row.goal:.1f}" if row.goal else ""
            shown = (_number(ratio) if ratio else NOT_MEASURED for ratio in ratios)
            lines.append([database, row.name, *shown, cost, goal])
    head = ["", "", *(f"{size:,} items" for size in sizes), "times the cost", "at most"]
    return f"{table(head, lines)}\n\n{SEARCHES}"


def memory_table(measured: Mapping[str, Sequence[int]], requests: Sequence[int]) -> str:
    lines = []
    for database, sizes in measured.items():
        growth_of_it = sizes[-1] / sizes[0] - 1
        text = f"{growth_of_it:+.0%}"
        shown = f"**{text}**" if growth_of_it > memory.GOAL else text
        lines.append([database, *(f"{size / 2**20:.0f} MB" for size in sizes), shown])
    after = [f"after {count:,} requests" for count in requests]
    return table(["", *after, "growth"], lines)


def handlers_table(measured: Mapping[str, Figures], rows: Sequence[Row]) -> str:
    lines = []
    for name, figures in measured.items():
        empty = median(figures.empty_views)
        ratios = [figures.ratio(row.name) for row in rows]
        rates = [f"{ratio * empty:.0f}" if ratio else NOT_MEASURED for ratio in ratios]
        count = sum(figures.connections_to_stripe.values())
        lines.append([name, f"{empty:.0f}", *rates, str(count)])
    names = [f"{row.name}, a second" for row in rows]
    return table(["", "empty view, a second", *names, "connections to Stripe"], lines)
