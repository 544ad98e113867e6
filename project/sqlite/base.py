"""SQLite whose writers stand in a queue.

SQLite itself has none: a writer who finds the lock taken sleeps and looks again, and who looks at
the wrong moments can come too late until its patience is over: "database is locked". The threads of
a process therefore take turns, and only one of each process competes for the file.
"""

from threading import Lock
from typing import Any, ClassVar

from django.db import OperationalError
from django.db.backends.sqlite3 import base

QUEUE_SECONDS = 20


class DatabaseWrapper(base.DatabaseWrapper):
    _turn: ClassVar[Lock] = Lock()
    _has_turn = False

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
        if not self._turn.acquire(timeout=QUEUE_SECONDS):
            raise OperationalError("database is locked: the writers before this one take too long")
        self._has_turn = True

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turn.release()
