"""Ctrl-C, SIGTERM and a program that dies: `make run` and the worker leave nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.processes import ROOT, manage
from tests.support.waiting import wait_until

MAKE_RUN = [sys.executable, "-m", "project.development"]
PROGRAMS = ["stripe_sandbox", "uvicorn", "manage.py worker"]
# A shell that ignores SIGINT, as in a background job; its child inherits that.
IGNORING_SIGINT = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]


@dataclass(frozen=True)
class Group:
    """A process with all that it starts: a process group, as a terminal has it."""

    process: subprocess.Popen[bytes]
    log: Path

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def terminate(self) -> None:
        self.process.terminate()

    def exit_code(self) -> int:
        return self.process.wait(timeout=120)

    def is_empty(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def is_running(self, program: str) -> bool:
        return bool(self._pids_of(program))

    def kill(self, program: str) -> None:
        (pid,) = self._pids_of(program)
        os.kill(pid, signal.SIGKILL)

    def has_printed(self, text: str) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return text in self.log.read_text()

    def _pids_of(self, program: str) -> list[int]:
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
        return [
            int(pid)
            for pid, parent, command in rows
            if int(parent) == self.process.pid and program in command
        ]


@contextmanager
def running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[Group]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    group = Group(process, log)
    try:
        yield group
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One database for all tests."""
    environment = {
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
        "PATH": os.environ["PATH"],
        "DEBUG": "True",
    }
    manage(environment, "migrate", "-v0")
    return environment


@contextmanager
def running_shop(
    environment: dict[str, str], log: Path, shell: list[str] | None = None
) -> Iterator[Group]:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    with running([*(shell or []), *MAKE_RUN], log, environment | ports) as group:
        wait_until(lambda: group.has_printed("Ctrl-C stops it."))
        yield group


@pytest.mark.parametrize("shell", [[], IGNORING_SIGINT], ids=["", "parent-ignores-sigint"])
@pytest.mark.parametrize("stop", [Group.press_ctrl_c, Group.terminate])
def test_make_run_stops_with_all_its_programs(
    environment: dict[str, str], tmp_path: Path, stop: Callable[[Group], None], shell: list[str]
) -> None:
    with running_shop(environment, tmp_path / "log", shell) as group:
        stop(group)
        assert group.exit_code() == 0
        wait_until(group.is_empty)
        assert "Traceback" not in group.log.read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_dies_stops_the_others(
    environment: dict[str, str], tmp_path: Path, program: str
) -> None:
    with running_shop(environment, tmp_path / "log") as group:
        group.kill(program)
        assert group.exit_code() == 1
        wait_until(group.is_empty)
        assert "ended by itself" in group.log.read_text()


def test_a_program_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, project.development as d; d.STOP_SECONDS = 0.5;"
        "d.wait_for = lambda *_: None;"
        "stubborn = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        ' print("ready", flush=True); time.sleep(600)\';'
        "d.run_together([[sys.executable, '-c', stubborn]], port=0, greeting='')"
    )
    with running([sys.executable, "-c", code], tmp_path / "log", dict(os.environ)) as group:
        wait_until(lambda: group.has_printed("ready"))
        group.terminate()
        assert group.exit_code() == 0
        wait_until(group.is_empty)


def test_a_signal_during_the_preparation_leaves_nothing_behind(
    environment: dict[str, str], tmp_path: Path
) -> None:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    with running(MAKE_RUN, tmp_path / "log", environment | ports) as group:
        wait_until(lambda: group.is_running("manage.py"))
        group.terminate()
        assert group.exit_code() == 1
        wait_until(group.is_empty)
        assert "Traceback" not in group.log.read_text()


@pytest.mark.parametrize("shell", [[], IGNORING_SIGINT], ids=["", "parent-ignores-sigint"])
@pytest.mark.parametrize("stop", [Group.press_ctrl_c, Group.terminate])
def test_the_worker_stops(
    environment: dict[str, str], tmp_path: Path, stop: Callable[[Group], None], shell: list[str]
) -> None:
    command = [*shell, sys.executable, "manage.py", "worker"]
    with running(command, tmp_path / "log", environment) as group:
        wait_until(lambda: group.has_printed("clean_carts finished"))
        stop(group)
        assert group.exit_code() == 0
        wait_until(group.is_empty)
        assert "Traceback" not in group.log.read_text()
