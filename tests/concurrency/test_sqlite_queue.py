"""Writers of the shop's SQLite database take turns; who waits too long is told so."""

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
    """Starts a transaction on a connection of the thread's own.

    SQLite alone would say "database is locked" once its own patience is over, here 50 ms.
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


def test_who_comes_second_waits_and_is_not_turned_away(begin: Begin) -> None:
    first = begin()
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(write, begin)
        time.sleep(0.5)
        assert not second.done()
        first.commit()
        second.result()
    first.close()


def test_who_waits_too_long_is_told_so_and_can_try_again(
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


def test_what_is_committed_is_on_the_disk(begin: Begin) -> None:
    """Else a power cut loses the order of a buyer who is at Stripe, and the money comes for it."""
    connection = begin()
    with connection.cursor() as cursor:
        found = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
    connection.rollback()
    connection.close()
    assert found == ["wal", 2]  # 2 is FULL
