"""Keep a value that every page needs in the process, for a few seconds."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

SECONDS = 2


class ShortCache[Value]:
    """The result of `read`, read again after SECONDS, or after `forget` in this process.

    All threads get the same object, so a caller must not change it.
    """

    def __init__(self, read: Callable[[], Value]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._last: Value | None = None
        self._fresh_until = 0.0
        self._forgotten = 0

    def get(self) -> Value:
        with self._lock:
            last, fresh_until, forgotten = self._last, self._fresh_until, self._forgotten
        if last is not None and time.monotonic() < fresh_until:
            return last
        value = self._read()
        with self._lock:
            if forgotten == self._forgotten:  # otherwise it may have been read before a change
                self._last, self._fresh_until = value, time.monotonic() + SECONDS
        return value

    @property
    def last(self) -> Value | None:
        """What was read last, without reading it again. None after `forget`."""
        return self._last

    def forget(self) -> None:
        with self._lock:
            self._last = None
            self._forgotten += 1

    def forget_after_changes(self, model: type[models.Model]) -> None:
        """Read the value again after a row of `model` is saved or deleted in this process."""
        for signal in (post_save, post_delete):
            signal.connect(self._forget_now_and_after_commit, sender=model)

    def _forget_now_and_after_commit(self, **_kwargs: Any) -> None:
        """Until the commit, another thread may read and keep the old rows."""
        self.forget()
        transaction.on_commit(self.forget)
