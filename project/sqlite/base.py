"""SQLite with a queue for its writers, and with PostgreSQL's bounds of integers.

SQLite has no queue: a writer that finds the database locked sleeps and tries again, and may be
unlucky each time until its timeout ends in "database is locked". Here the threads of a process take
turns, so that at most one thread per process competes for the file.
Why: docs/decisions/0004-sqlite-writers-take-turns.md.
"""

from threading import Lock
from typing import Any, ClassVar

from django.db import OperationalError
from django.db.backends.sqlite3 import base, operations

QUEUE_SECONDS = 20


class DatabaseOperations(operations.DatabaseOperations):
    def integer_field_range(self, internal_type: str) -> tuple[int, int]:
        """Fields refuse numbers that PostgreSQL couldn't store, so that a shop can move there."""
        return self.integer_field_ranges[internal_type]


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
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
