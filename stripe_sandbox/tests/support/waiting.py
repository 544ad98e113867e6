"""Waiting for a state, with a limit that a busy machine doesn't reach."""

import time
from collections.abc import Callable


def wait_until(is_reached: Callable[[], bool], *, seconds: float = 30) -> None:
    give_up_at = time.monotonic() + seconds
    while not is_reached():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
