"""SQLite whose writers stand in a queue.

SQLite itself has none: a writer who finds the lock taken sleeps and looks again. Under load the
same one can come too late for as long as its patience lasts: "database is locked". The lock of a
file beside the database wakes who waits, whichever process or thread holds it. It goes with its
process, however that ends.
"""

import fcntl
import os
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    _queue: int | None = None  # the file, open while this connection's transaction has its turn

    def _start_transaction_under_autocommit(self) -> None:
        self._wait_for_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs lack it
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]  # the stubs lack it
        finally:
            self._end_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]  # the stubs lack it
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]  # the stubs lack it
        finally:
            self._end_turn()

    def _wait_for_turn(self) -> None:
        if self.is_in_memory_db():
            return
        name = Path(f"{self.settings_dict['NAME']}-queue")
        self._queue = os.open(name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._queue, fcntl.LOCK_EX)

    def _end_turn(self) -> None:
        if self._queue is not None:
            os.close(self._queue)
            self._queue = None
