"""`python -m bench` measures the shop and prints tables: docs/performance.md explains them."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import httpx

from bench import handlers, report
from bench.growth import measure_growth
from bench.handlers import kept_and_fresh, measure_handlers
from bench.load import WrongAnswer
from bench.measuring import Figures, Run, measure, quick_run
from bench.memory import measure_memory
from bench.rows import ADMIN_ROWS, ROWS, Row
from bench.shop import CORES, POSTGRESQL, SQLITE, running_shop

DATABASES = [SQLITE, POSTGRESQL]
PROCESSES = [1, 2]
# Enough for the list to have a second page, and for a cart of 50 lines.
ITEMS = 96


@dataclass(frozen=True)
class Choice:
    """What to measure: the names of rows and parts that have one of the `words`; all without."""

    words: Sequence[str]
    databases: Sequence[str]
    processes: Sequence[int]
    run: Run

    def has(self, name: str) -> bool:
        return not self.words or any(word in name.lower() for word in self.words)


def main() -> None:
    options = _options()
    if len(CORES) < 2:
        sys.exit("The server and the load need a core each, and this machine has only one.")
    choice = Choice(
        words=[word.strip().lower() for word in options.only.split(",") if word.strip()],
        databases=[each for each in DATABASES if options.database in ("", each.lower())],
        processes=[each for each in PROCESSES if options.processes in (0, each)],
        run=quick_run() if options.quick else Run(),
    )
    parts = [report.machine(date.today())]  # noqa: DTZ011  # the day on this machine
    for title, part in PARTS.items():
        try:
            figures = part(choice)
        except (WrongAnswer, httpx.HTTPError) as error:
            choice.run.failures.append(f"{title}: {error}")
            continue
        if figures:
            parts += [f"### {title}", figures]
            print(f"{figures}\n", flush=True)
    if choice.run.failures:
        sys.exit("\n".join(["These have failed:", *choice.run.failures]))
    if options.save:
        report.save("\n\n".join(parts))


def pages(choice: Choice) -> str:
    rows, admin_rows = (
        [row for row in each if choice.has(row.name)] for each in (ROWS, ADMIN_ROWS)
    )
    if not rows and not admin_rows:
        return ""
    columns = {
        _column(database, processes): _measured(database, processes, rows, admin_rows, choice.run)
        for processes in choice.processes
        for database in choice.databases
    }
    text = report.rows_table([*rows, *admin_rows], columns)
    if connections := report.connections(columns):
        text += f"\n\nConnections that the server had open:\n\n{connections}"
    return text


def _column(database: str, processes: int) -> str:
    return database if processes == 1 else f"{database}, {processes} processes"


def _measured(
    database: str, processes: int, rows: Sequence[Row], admin_rows: Sequence[Row], run: Run
) -> Figures:
    print(f"{_column(database, processes)}:", file=sys.stderr, flush=True)
    figures = Figures()
    with running_shop(database, processes=processes) as shop:
        shop.fill(f"fill_items({ITEMS})")
        measure(shop, rows, run, figures)
        if database == POSTGRESQL:
            figures.connections_to_postgresql = shop.connections_to_postgresql()
        if admin_rows:
            shop.fill(f"fill_orders({run.orders})")
            measure(shop, admin_rows, run, figures)
    return figures


def growth(choice: Choice) -> str:
    if not choice.has("growth"):
        return ""
    return report.growth_table(
        {database: measure_growth(database, choice.run) for database in choice.databases}
    )


def memory(choice: Choice) -> str:
    if not choice.has("memory"):
        return ""
    measured = {database: measure_memory(database, choice.run) for database in choice.databases}
    return report.memory_table(measured, choice.run.requests)


def comparison(choice: Choice) -> str:
    if not choice.has("handlers"):
        return ""
    text = report.handlers_table(measure_handlers(choice.run), handlers.ROWS)
    for loop in ("asyncio", "uvloop"):
        kept, fresh = (f"{seconds * 1000:.1f} ms" for seconds in kept_and_fresh(loop))
        text += f"\n\nWith {loop}, an empty view takes {kept} on a kept connection"
        text += f" and {fresh} on fresh ones."
    return text


PARTS = {
    "Pages and purchases": pages,
    "Growth": growth,
    "Memory": memory,
    "Handlers": comparison,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument(
        "--only", default="", help="words of the names of rows, or growth, memory, handlers"
    )
    parser.add_argument("--database", default="", choices=["", *map(str.lower, DATABASES)])
    parser.add_argument("--processes", type=int, default=0, choices=[0, *PROCESSES])
    parser.add_argument("--quick", action="store_true", help="one short round, to try the bench")
    parser.add_argument("--save", action="store_true", help="write to docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
