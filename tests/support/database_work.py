"""How much a database does for a statement, so that tests notice what grows with the tables."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

# The most that one statement may do: instructions of SQLite's virtual machine, or rows that
# PostgreSQL visits. To look at all rows of a table of 10,000 takes more.
MOST = {"sqlite": 30_000, "postgresql": 3_000}
STATEMENTS = ("SELECT", "UPDATE", "DELETE")


@contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """The statements of the block with their parameters."""
    statements: list[tuple[str, Any]] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(STATEMENTS):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


def growing(statements: list[tuple[str, Any]], most: int = 0) -> list[str]:
    """Those of the statements that do more than `most` or MOST, with the amount and the plan."""
    most = most or MOST[connection.vendor]
    return [
        f"{amount}: {sql} {params}\n{_plan(sql, params)}"
        for sql, params in statements
        if (amount := work(sql, params)) > most
    ]


def work(sql: str, params: Any) -> int:
    """What the statement does now. Its changes are undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            amount = _instructions(cursor, sql, params)
        else:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            (found,) = cursor.fetchone()
            plan = found if isinstance(found, list) else json.loads(found)
            amount = round(_rows(plan[0]["Plan"]))
        transaction.set_rollback(True)
    return amount


def _instructions(cursor: Any, sql: str, params: Any) -> int:
    count = 0

    def step() -> None:
        nonlocal count
        count += 100

    connection.connection.set_progress_handler(step, 100)
    try:
        cursor.execute(sql, params)
        cursor.fetchall()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return count


def _rows(plan: dict[str, Any]) -> float:
    """The rows that a node of the plan and those below it visit."""
    rows = float(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
    return rows * int(plan["Actual Loops"]) + sum(map(_rows, plan.get("Plans", [])))


def _plan(sql: str, params: Any) -> str:
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
