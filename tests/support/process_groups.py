"""Process groups that end with the process that started them, however that one ends.

Run as a program, it reads groups from its input and kills them when the input is closed: a pipe is
closed by the kernel also where its writer is killed.
"""

import atexit
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

_started: set[int] = set()


def watch(group: int) -> None:
    _started.add(group)
    _tell(f"+{group}")


def kill(group: int) -> None:
    """Kills what is left of a group, which must be a watched one."""
    if group in _started:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def forget(group: int) -> None:
    """The group is empty: its number may become another program's."""
    _started.discard(group)
    _tell(f"-{group}")


def left_over() -> list[str]:
    """The processes of all watched groups, for a message."""
    return [str(process) for group in sorted(_started) for process in members(group)]


def members(group: int) -> list[psutil.Process]:
    """Without those that have ended and that their parent hasn't asked about yet."""
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _tell(line: str) -> None:
    pipe = _watchdog().stdin
    assert pipe is not None
    # One write, so that threads don't mix their lines.
    os.write(pipe.fileno(), f"{line}\n".encode())


@cache
def _watchdog() -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C doesn't reach it."""
    watchdog = subprocess.Popen(
        [sys.executable, "-m", "tests.support.process_groups"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(watchdog.communicate)
    return watchdog


def _kill_at_the_end_of_input() -> None:
    for line in sys.stdin:
        group = int(line[1:])
        _started.add(group) if line.startswith("+") else _started.discard(group)
    for group in _started:
        kill(group)


if __name__ == "__main__":
    _kill_at_the_end_of_input()
