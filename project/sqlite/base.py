"""SQLite with a queue for its writers.

SQLite has none: a writer that finds the database locked sleeps and tries again, and may be unlucky
each time until its timeout ends in "database is locked". Here the threads of a process take turns,
so that at most one thread per process competes for the file.
Why: docs/decisions/0004-sqlite-writers-take-turns.md.
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
