"""Writers of the shop's SQLite database take turns; who waits too long is told so."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from project.databases import tuned

type Begin = Callable[[], BaseDatabaseWrapper]


@pytest.fixture
def begin(db: None, tmp_path: Path) -> Begin:
    """Starts a transaction on a connection of the thread's own, with little patience."""
    config = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "shop.sqlite3"),
        "OPTIONS": {"timeout": 1},
    }
    connections = ConnectionHandler({"default": tuned(config, pool_size=1)})

    def begin() -> BaseDatabaseWrapper:
        connection = connections["default"]
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        return connection

    return begin


def test_twenty_writers_take_turns(begin: Begin) -> None:
    """Each holds the lock so long that SQLite's own waiting would leave some behind."""

    def write(_number: int) -> None:
        for _ in range(5):
            connection = begin()
            time.sleep(0.005)
            connection.commit()
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(20)))


def test_who_waits_too_long_is_told_so_and_can_try_again(begin: Begin) -> None:
    def write() -> None:
        connection = begin()
        connection.rollback()
        connection.close()

    first = begin()
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(OperationalError, match="database is locked"):
            pool.submit(write).result()
        first.commit()
        pool.submit(write).result()
    first.close()
