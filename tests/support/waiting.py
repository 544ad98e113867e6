"""Waiting for what other processes do by themselves."""

import time
from collections.abc import Callable

# As long as a busy machine may take; a test that works does not wait it out.
PATIENCE_SECONDS = 60


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)
