"""Runs programs beside the tests. Nothing of them is left behind, however a test ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
import psutil

from tests.support import http, process_groups
from tests.support.waiting import LIMIT_SECONDS, wait_until

ROOT = Path(__file__).resolve().parents[2]

# A program inherits an ignored SIGINT (`trap '' INT`, or `&` in a script), but not a handled one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Program:
    """A process with its children, and a file with all that they print.

    `ready` is an address that answers below 500 once the program can be used. `folder` is where it
    runs.
    """

    def __init__(
        self,
        command: list[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        ready: str = "",
        folder: Path = ROOT,
    ) -> None:
        self.command, self.environment, self.log, self.ready = command, environment, log, ready
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        process_groups.watch(self._process.pid)

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def printed(self) -> str:
        return self.log.read_text()

    def wait_until(self, is_so: Callable[[], object]) -> None:
        """Waits for a state that the program reaches while it runs."""

        def is_so_or_ended() -> object:
            assert self.is_running, f"the program has ended: {self.printed()}"
            return is_so()

        wait_until(is_so_or_ended, self.printed)

    def wait_until_ready(self) -> None:
        if self.ready:
            self.wait_until(lambda: answers(self.ready))

    def child(self, text: str) -> psutil.Process | None:
        """The child of the process that has this text in its command, while it runs."""
        for each in psutil.Process(self.pid).children():
            with suppress(psutil.NoSuchProcess):  # it has just ended
                if text in " ".join(each.cmdline()):
                    return each
        return None

    def press_ctrl_c(self) -> None:
        """Sends SIGINT to the process and its children, as a terminal does."""
        os.killpg(self.pid, signal.SIGINT)

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the process alone, as a container engine does."""
        assert self._process is not None, "not started"
        self._process.send_signal(number)

    def wait(self) -> int:
        """Waits until the process ends; returns its exit code. Fails where a child outlives it."""
        assert self._process is not None, "not started"
        try:
            code = self._process.wait(LIMIT_SECONDS)
            wait_until(
                lambda: not process_groups.members(self.pid),
                lambda: f"left behind: {process_groups.members(self.pid)}",
            )
        finally:
            self.kill()
        return code

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal to the process alone, then waits for its end."""
        self.send(by)
        return self.wait()

    def kill(self) -> None:
        """Kills the process and its children at once, as a power failure does."""
        if self._process is not None:
            _end(self._process)

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None and self.is_running:
            self.stop()
        self.kill()


def run(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process_groups.watch(process.pid)
    try:
        printed, errors = process.communicate(timeout=LIMIT_SECONDS)
    finally:
        _end(process)
    return subprocess.CompletedProcess(command, process.returncode, printed, errors)


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """What a command of the shop with this environment prints."""
    done = run([sys.executable, "manage.py", *arguments], environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def answers(address: str) -> bool:
    try:
        return http.get(address).status_code < 500
    except httpx.TransportError:
        return False


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    process_groups.kill(process.pid)
    process.wait()
    process_groups.forget(process.pid)
