"""The background work beside the web processes, run by `manage.py worker`.

Two workers at once do no harm: each part can run at the same time as another run of it.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db import close_old_connections
from django.utils import timezone

from notifications.sending import send_due
from payments.reconcile import reconcile
from project.cleanup import clean_up
from store.pictures.sizes import make_missing_sizes
from store.pictures.unused import delete_unused

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
# A part that runs more often is only logged when it has done something.
LOGGED_IF_EVERY = timedelta(minutes=1)
RETRY_AFTER = timedelta(minutes=5)
# Events and returning buyers settle younger payments.
RECONCILE_OLDER_THAN = timedelta(minutes=10)


@dataclass(frozen=True)
class Part:
    """One kind of work. `run` yields between units of work: the worker may stop there.

    After `most` units in a row the parts that are due have their turn, then this one goes on.
    """

    name: str
    every: timedelta
    run: Callable[[], Iterable[object]]
    most: int | None = None


# Each part is a command of its own too, with the same name.
PARTS = [
    Part("send_mails", timedelta(seconds=3), send_due),
    Part(
        "reconcile_payments",
        timedelta(minutes=5),
        lambda: reconcile(older_than=RECONCILE_OLDER_THAN, at=timezone.now()),
        # Each asks Stripe about one payment or refund, and mails needn't wait for all.
        most=10,
    ),
    Part("make_picture_sizes", timedelta(seconds=2), make_missing_sizes, most=1),
    Part("clean_carts", timedelta(days=1), lambda: clean_up(at=timezone.now())),
    Part("delete_unused_pictures", timedelta(days=1), lambda: delete_unused(at=timezone.now())),
]


class Worker:
    """Runs each part at the start, and again when its interval has passed since its end.

    `clock` returns seconds that only grow.
    """

    def __init__(
        self,
        parts: list[Part],
        *,
        is_stopping: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.parts, self.is_stopping = parts, is_stopping
        self.clock, self.sleep = clock, sleep
        self.due_at = {part.name: clock() for part in parts}
        self.begun: dict[str, Iterator[object]] = {}

    def run(self) -> None:
        """Work until `is_stopping`."""
        while not self.is_stopping():
            part = min(self.parts, key=lambda each: self.due_at[each.name])
            if self.due_at[part.name] > self.clock():
                self.sleep(POLL_SECONDS)
                continue
            pause = self._run(part)
            self.due_at[part.name] = self.clock() + pause.total_seconds()

    def _run(self, part: Part) -> timedelta:
        """Return how long the part pauses then. An error doesn't stop the other parts."""
        units, begun = 0, self.begun.pop(part.name, None)
        try:
            run = begun or iter(part.run())
            for _ in islice(run, part.most):
                units += 1
                if self.is_stopping():
                    return part.every
        except Exception:
            logger.exception("%s failed", part.name)
            return min(part.every, RETRY_AFTER)
        finally:
            close_old_connections()
        if units == part.most:
            self.begun[part.name] = run
            return timedelta()
        if begun or units or part.every >= LOGGED_IF_EVERY:
            logger.info("%s finished", part.name)
        return part.every
