"""The programs that `make run` starts, starts again after a change, and stops."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from project.stop_signals import StopSignals

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 10
WATCHED_FOLDERS = [
    "project",
    "web",
    "store",
    "cart",
    "payments",
    "notifications",
    "templates",
    "locale",
]
WATCHED_SUFFIXES = {".py", ".html", ".md", ".txt", ".po"}
COMPILE_TRANSLATIONS = [
    *(sys.executable, "-m", "babel.messages.frontend", "--quiet"),
    *("compile", "-D", "django", "-d", "locale"),
]

type Command = list[str]
type Processes = list[subprocess.Popen[bytes]]


def run_together(
    commands: list[Command], *, reloaded: list[Command], port: int, greeting: str
) -> None:
    """Run all programs until a signal comes or one of them ends; then stop all of them.

    The programs of `reloaded` are started again when a file of the shop changes.
    """
    signals = StopSignals()
    changes = changed_files()
    lasting: Processes = []
    shop = ReloadedPrograms(reloaded)
    try:
        next(changes)  # watch from before the programs read their files
        start_all(commands, lasting)
        shop.start()
        wait_for(port, lasting + shop.processes, signals)
        if not signals.received:
            print(greeting, flush=True)
        while not signals.received:
            if changed := next(changes):
                shop.reload(changed)
            if has_ended(lasting) or not shop.is_fine():
                sys.exit("One of the programs ended by itself; its last lines are above.")
        print("\nStopping.", flush=True)
    finally:
        stop(lasting + shop.processes)


class ReloadedPrograms:
    def __init__(self, commands: list[Command]) -> None:
        self.commands = commands
        self.processes: Processes = []
        self.has_reloaded = False

    def start(self) -> None:
        start_all(self.commands, self.processes)

    def reload(self, changed: list[str]) -> None:
        print(f"Reloading after a change of {', '.join(changed)}", flush=True)
        self.has_reloaded = True
        if any(path.endswith(".po") for path in changed):
            start(COMPILE_TRANSLATIONS).wait()
        stop(self.processes)
        self.start()

    def is_fine(self) -> bool:
        """Whether all run, or wait for the next change because the last one had an error."""
        if not has_ended(self.processes):
            return True
        if self.has_reloaded:
            stop(self.processes)
            print("The shop has ended. It starts again after the next change.", flush=True)
        return self.has_reloaded


def changed_files() -> Iterator[list[str]]:
    """Yield the paths that changed in the last fifth of a second: most of the time, none."""
    from watchfiles import watch  # not in the image, which imports this module

    folders = [ROOT / name for name in WATCHED_FOLDERS]
    try:
        for changes in watch(*folders, watch_filter=None, rust_timeout=200, yield_on_timeout=True):
            found = {Path(path).relative_to(ROOT) for _, path in changes}
            yield sorted(str(path) for path in found if is_of_the_shop(path))
    except OSError as error:  # the system's limit of watched files
        sys.exit(f"{error}. With WATCHFILES_FORCE_POLLING=1 this limit doesn't matter.")


def is_of_the_shop(path: Path) -> bool:
    return path.suffix in WATCHED_SUFFIXES and "tests" not in path.parts


def start_all(commands: list[Command], processes: Processes) -> None:
    """Start all, and add each to `processes` at once, so that a failure leaves none behind."""
    for command in commands:
        processes.append(start(command))  # noqa: PERF401


def start(command: Command) -> subprocess.Popen[bytes]:
    """Start a program that Ctrl-C doesn't reach: `make run` sends it SIGTERM instead."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(command, cwd=ROOT)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def wait_for(port: int, processes: Processes, signals: StopSignals) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_listening(port) and not signals.received:
        if time.monotonic() > deadline or has_ended(processes):
            sys.exit("The shop did not start; its last lines are above.")
        time.sleep(0.1)


def has_ended(processes: Processes) -> bool:
    return any(process.poll() is not None for process in processes)


def stop(processes: Processes) -> None:
    """Ask all programs to stop, kill those that still run after STOP_SECONDS, and forget all."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    processes.clear()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
