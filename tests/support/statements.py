"""Limit what a request sends to the database, or let a statement fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.shop_row import forget_shop

TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def at_most(statements: int, *, commits: int) -> Iterator[None]:
    """The first request in it reads the shop's row. BEGIN and savepoints are no statements.

    A test that fixes the clock doesn't measure the first request of a minute, which deletes old
    counts too, in a transaction after its own.
    """
    forget_shop()  # otherwise a slow test would read it sometimes
    with CaptureQueriesContext(connection) as captured:
        yield
    sent = [query["sql"].strip() for query in captured]
    own = [sql for sql in sent if not sql.startswith(TRANSACTIONS)]
    found = "\n".join([f"{len(own)} statements", *sent])
    assert len(own) <= statements, found
    assert sent.count("COMMIT") <= commits, found


@contextmanager
def fails_at(statement: str) -> Iterator[None]:
    """Each statement that begins so raises an error, as a fault in the shop's code would."""

    def execute(send: Any, sql: str, *rest: Any) -> Any:
        if sql.replace('"', "").startswith(statement):
            raise RuntimeError(statement)
        return send(sql, *rest)

    with connection.execute_wrapper(execute):
        yield


@contextmanager
def count_twice() -> Iterator[None]:
    """Count one request more, between the look at the count and the commit of the change."""
    others: list[str] = []

    def execute(send: Any, sql: str, *rest: Any) -> Any:
        if "INSERT INTO web_requestcount" in sql and not others:
            others.append(sql)
            send(sql, *rest)
        return send(sql, *rest)

    with connection.execute_wrapper(execute):
        yield
