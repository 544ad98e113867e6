"""A process that dies, as far as one that lives on can play it: a bomb at one point of its way.

A point is the moment before an SQL statement, before and after a COMMIT, and before and after a
call to Stripe. What dies there loses its open transaction and does nothing more, as after SIGKILL.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import requests
from django.apps import apps
from django.db import connections

# How Django leaves an open transaction. In a process that is gone the database does it by itself.
ROLLING_BACK = ("ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT")

WRITES = ("INSERT", "UPDATE", "DELETE")
OURS = ("store", "cart", "payments", "web", "sessions")


class Death(BaseException):
    """Nothing catches it: it is neither an Exception nor one of Python's own ways to stop."""


@dataclass
class Bomb:
    """Goes off at the first point that `is_due`, told its number (from 0) and what it is before."""

    is_due: Callable[[int, str], bool]
    points: list[str] = field(default_factory=list)
    # The effects before each point.
    effects_before: list[int] = field(default_factory=list)
    # How often something was done that outlives the process: a commit, or a call that changes
    # something at Stripe. A death at either of two points between the same two leaves the same.
    effects: int = 0
    went_off: bool = False
    after_death: list[str] = field(default_factory=list)
    _rows: tuple[int, object] = (-1, None)  # what was there after so many effects
    _is_looking: bool = False

    def spares(self, act: Callable[[], object]) -> bool:
        """Whether `act` came to its end alive. Fails where any of it runs after the death."""
        with self._planted():
            try:
                act()
            except Death:
                assert self.went_off
            else:
                assert not self.went_off, "somebody caught the death"
        assert not self.after_death, f"still done after the death: {self.after_death}"
        assert not connections["default"].in_atomic_block
        if self.went_off and self._rows[0] == self.effects:
            assert all_rows() == self._rows[1], "what was not committed is there"
        return not self.went_off

    @contextmanager
    def _planted(self) -> Iterator[None]:
        database, send = connections["default"], requests.Session.send
        commit = database.commit

        def bombed_commit() -> None:
            self._pass("before COMMIT", on_death=database.rollback)
            commit()
            self.effects += 1
            self._pass("after COMMIT", on_death=database.run_on_commit.clear)

        def bombed_send(session: Any, request: Any, **options: Any) -> requests.Response:
            self._pass(f"before {request.method} {request.path_url}")
            answer = send(session, request, **options)
            self.effects += request.method != "GET"
            self._pass(f"after {request.method} {request.path_url}")
            return answer

        with ExitStack() as stack:
            stack.enter_context(database.execute_wrapper(self._before_statement))
            stack.enter_context(patch.object(database, "commit", bombed_commit))
            stack.enter_context(patch.object(requests.Session, "send", bombed_send))
            yield

    def _before_statement(self, execute: Any, sql: str, *rest: Any) -> Any:
        if self._is_looking or (self.went_off and sql.startswith(ROLLING_BACK)):
            return execute(sql, *rest)
        self._remember_rows()
        self._pass(sql)
        done = execute(sql, *rest)
        self.effects += sql.startswith(WRITES) and not connections["default"].in_atomic_block
        return done

    def _remember_rows(self) -> None:
        """As they are before the first statement after an effect."""
        if self._rows[0] != self.effects and not self.went_off:
            self._is_looking = True
            self._rows = (self.effects, all_rows())
            self._is_looking = False

    def _pass(self, point: str, on_death: Callable[[], object] = lambda: None) -> None:
        if self.went_off:
            self.after_death.append(point)
            raise Death(point)
        self.points.append(point)
        self.effects_before.append(self.effects)
        if self.is_due(len(self.points) - 1, point):
            self.went_off = True
            on_death()
            raise Death(point)


def dies(act: Callable[[], object], point: str) -> None:
    """`act` dies the first time that it comes to a point that begins so."""
    assert not Bomb(lambda _number, passed: passed.startswith(point)).spares(act)


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the shop has in its database."""
    models = (model for model in apps.get_models() if model._meta.app_label in OURS)
    return {m._meta.label: list(m._base_manager.order_by("pk").values_list()) for m in models}
