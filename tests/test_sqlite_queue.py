"""Writers of the shop's SQLite database come one after the other, however long that takes."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from project.databases import tuned


def test_who_comes_second_is_woken_and_not_turned_away(db: None, tmp_path: Path) -> None:
    """SQLite alone would say "database is locked" once its own patience is over, here 50 ms."""
    config = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "shop.sqlite3"),
        "OPTIONS": {"timeout": 0.05},
    }
    connections = ConnectionHandler({"default": tuned(config, pool_size=1)})

    def begin() -> BaseDatabaseWrapper:
        connection = connections["default"]  # each thread has its own
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        return connection

    def write() -> None:
        connection = begin()
        connection.commit()
        connection.close()

    first = begin()
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(write)
        time.sleep(0.5)
        assert not second.done()
        first.commit()
        second.result()
    first.close()
