"""Writers of the SQLite database take turns; one that waits too long gets an error."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from project.databases import with_engine_options
from project.sqlite import base

type Begin = Callable[[], BaseDatabaseWrapper]


@pytest.fixture
def begin(db: None, tmp_path: Path) -> Begin:
    """Starts a transaction on a connection for each thread.

    SQLite alone would raise "database is locked" after its timeout, here 50 ms.
    """
    config = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "shop.sqlite3"),
        "OPTIONS": {"timeout": 0.05},
    }
    connections = ConnectionHandler({"default": with_engine_options(config, pool_size=1)})

    def begin() -> BaseDatabaseWrapper:
        connection = connections["default"]
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        return connection

    return begin


def write(begin: Begin) -> None:
    connection = begin()
    connection.commit()
    connection.close()


def test_second_writer_waits_for_the_first(begin: Begin) -> None:
    first = begin()
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(write, begin)
        time.sleep(0.5)
        assert not second.done()
        first.commit()
        second.result()
    first.close()


def test_writer_that_waits_too_long_gets_an_error_and_can_retry(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "QUEUE_SECONDS", 0.1)
    first = begin()
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(OperationalError, match="the writers before this one"):
            pool.submit(write, begin).result()
        first.commit()
        pool.submit(write, begin).result()
    first.close()


def test_commits_are_durable(begin: Begin) -> None:
    """Otherwise a power cut could lose an order that is then paid at Stripe."""
    connection = begin()
    with connection.cursor() as cursor:
        found = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
    connection.rollback()
    connection.close()
    assert found == ["wal", 2]  # 2 is FULL


def test_connection_keeps_few_statements(begin: Begin) -> None:
    """Each thread has a connection, and a process has many threads."""
    connection = begin()
    with connection.cursor() as cursor:
        for number in range(100):
            cursor.execute(f"SELECT {number}").fetchone()
        (kept,) = cursor.execute("SELECT count(*) FROM sqlite_stmt").fetchone()
    connection.rollback()
    connection.close()
    assert kept <= 32
