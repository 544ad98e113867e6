"""Waits for a state, not for a time."""

import time
from collections.abc import Callable

# Longer than a busy machine needs. A test that passes never waits this long.
LIMIT_SECONDS = 120


def wait_until(is_so: Callable[[], object], failure: Callable[[], str] = lambda: "") -> None:
    """Fails with the text of `failure` where the state isn't reached within the limit."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, failure() or "the state was not reached"
        time.sleep(0.05)
