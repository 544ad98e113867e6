"""Simulates that a process is killed at one point of its work, in a process that goes on.

A point is the moment before an SQL statement, before and after a COMMIT, before and after a call to
Stripe, and before and after a mail is handed to the mail server. At a crash the open transaction is
lost and nothing more is done, as after SIGKILL.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from smtplib import SMTP
from typing import Any
from unittest.mock import patch

import requests
from django.apps import apps
from django.db import connections

# How Django leaves an open transaction. For a killed process the database does this.
ROLLING_BACK = ("ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT")

WRITES = ("INSERT", "UPDATE", "DELETE")
OURS = ("store", "cart", "payments", "notifications", "web", "sessions")


class Crash(BaseException):
    """Not an Exception, so that no code of the shop catches it."""


@dataclass
class CrashPoint:
    """Crashes at the first point for which `is_due(number, point)` is true; numbers start at 0."""

    is_due: Callable[[int, str], bool]
    points: list[str] = field(default_factory=list)
    # The number of effects before each point.
    effects_before: list[int] = field(default_factory=list)
    # An effect outlives the process: a commit, a call that changes something at Stripe, or a mail
    # that the server has. Crashes after the same number of effects leave the same data.
    effects: int = 0
    crashed: bool = False
    after_crash: list[str] = field(default_factory=list)
    _rows: tuple[int, object] = (-1, None)  # the number of effects, and all rows then
    _is_looking: bool = False

    def survives(self, act: Callable[[], object]) -> bool:
        """Whether `act` ends without a crash. Fails where any of it runs after the crash."""
        with self._installed():
            try:
                act()
            except Crash:
                assert self.crashed
            else:
                assert not self.crashed, "the crash was caught"
        assert not self.after_crash, f"done after the crash: {self.after_crash}"
        assert not connections["default"].in_atomic_block
        if self.crashed and self._rows[0] == self.effects:
            assert all_rows() == self._rows[1], "uncommitted rows are stored"
        return not self.crashed

    @contextmanager
    def _installed(self) -> Iterator[None]:
        database, send = connections["default"], requests.Session.send
        commit, hand_over = database.commit, SMTP.sendmail

        def watched_commit() -> None:
            self._pass("before COMMIT", on_crash=database.rollback)
            commit()
            self.effects += 1
            self._pass("after COMMIT", on_crash=database.run_on_commit.clear)

        def watched_send(session: Any, request: Any, **options: Any) -> requests.Response:
            self._pass(f"before {request.method} {request.path_url}")
            answer = send(session, request, **options)
            self.effects += request.method != "GET"
            self._pass(f"after {request.method} {request.path_url}")
            return answer

        def watched_mail(server: SMTP, *mail: Any) -> Any:
            self._pass("before the mail server has a mail")
            refused = hand_over(server, *mail)
            self.effects += 1
            self._pass("after the mail server has a mail")
            return refused

        with ExitStack() as stack:
            stack.enter_context(database.execute_wrapper(self._before_statement))
            stack.enter_context(patch.object(SMTP, "sendmail", watched_mail))
            stack.enter_context(patch.object(database, "commit", watched_commit))
            stack.enter_context(patch.object(requests.Session, "send", watched_send))
            yield

    def _before_statement(self, execute: Any, sql: str, *rest: Any) -> Any:
        if self._is_looking or (self.crashed and sql.startswith(ROLLING_BACK)):
            return execute(sql, *rest)
        self._remember_rows()
        self._pass(sql)
        done = execute(sql, *rest)
        self.effects += sql.startswith(WRITES) and not connections["default"].in_atomic_block
        return done

    def _remember_rows(self) -> None:
        """Stores the rows before the first statement after an effect."""
        if self._rows[0] != self.effects and not self.crashed:
            self._is_looking = True
            self._rows = (self.effects, all_rows())
            self._is_looking = False

    def _pass(self, point: str, on_crash: Callable[[], object] = lambda: None) -> None:
        if self.crashed:
            self.after_crash.append(point)
            raise Crash(point)
        self.points.append(point)
        self.effects_before.append(self.effects)
        if self.is_due(len(self.points) - 1, point):
            self.crashed = True
            on_crash()
            raise Crash(point)


def crash(act: Callable[[], object], point: str) -> None:
    """Runs `act`, which must crash at the first point that starts with `point`."""
    assert not CrashPoint(lambda _number, passed: passed.startswith(point)).survives(act)


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the shop, by model."""
    models = (model for model in apps.get_models() if model._meta.app_label in OURS)
    return {m._meta.label: list(m._base_manager.order_by("pk").values_list()) for m in models}
