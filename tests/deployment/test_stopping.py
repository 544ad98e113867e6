"""Ctrl-C, SIGTERM and a program that dies: `make run` and the worker leave nothing behind."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.processes import Program, manage

MAKE_RUN = [sys.executable, "-m", "project.development"]
PROGRAMS = ["stripe_sandbox", "uvicorn", "manage.py worker"]
# A shell that ignores SIGINT, as in a background job; its child inherits that.
IGNORING_SIGINT = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]


def press_ctrl_c(program: Program) -> None:
    program.press_ctrl_c()


def terminate(program: Program) -> None:
    program.send(signal.SIGTERM)


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
) -> Iterator[Program]:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    with Program([*(shell or []), *MAKE_RUN], environment | ports, log) as program:
        program.wait_until(lambda: "Ctrl-C stops it." in program.printed())
        program.wait_until(lambda: "clean_carts finished" in program.printed())  # the worker
        yield program


@pytest.mark.parametrize("shell", [[], IGNORING_SIGINT], ids=["", "parent-ignores-sigint"])
@pytest.mark.parametrize("stop", [press_ctrl_c, terminate])
def test_make_run_stops_with_all_its_programs(
    environment: dict[str, str], tmp_path: Path, stop: Callable[[Program], None], shell: list[str]
) -> None:
    with running_shop(environment, tmp_path / "log", shell) as running:
        stop(running)
        assert running.wait() == 0
        assert "Traceback" not in running.printed()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_dead_program_stops_the_others(
    environment: dict[str, str], tmp_path: Path, program: str
) -> None:
    with running_shop(environment, tmp_path / "log") as running:
        child = running.child(program)
        assert child is not None
        child.kill()
        assert running.wait() == 1
        assert "ended by itself" in running.printed()


def test_a_program_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, project.development as d; d.STOP_SECONDS = 0.5;"
        "d.wait_for = lambda *_: None;"
        "stubborn = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        ' print("ready", flush=True); time.sleep(600)\';'
        "d.run_together([[sys.executable, '-c', stubborn]], port=0, greeting='')"
    )
    with Program([sys.executable, "-c", code], os.environ, tmp_path / "log") as running:
        running.wait_until(lambda: "ready" in running.printed())
        terminate(running)
        assert running.wait() == 0


def test_a_signal_during_the_preparation_leaves_nothing_behind(
    environment: dict[str, str], tmp_path: Path
) -> None:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    with Program(MAKE_RUN, environment | ports, tmp_path / "log") as running:
        running.wait_until(lambda: running.child("manage.py"))
        terminate(running)
        assert running.wait() == 1
        assert "Traceback" not in running.printed()


@pytest.mark.parametrize("shell", [[], IGNORING_SIGINT], ids=["", "parent-ignores-sigint"])
@pytest.mark.parametrize("stop", [press_ctrl_c, terminate])
def test_the_worker_stops(
    environment: dict[str, str], tmp_path: Path, stop: Callable[[Program], None], shell: list[str]
) -> None:
    command = [*shell, sys.executable, "manage.py", "worker"]
    with Program(command, environment, tmp_path / "log") as running:
        running.wait_until(lambda: "clean_carts finished" in running.printed())
        stop(running)
        assert running.wait() == 0
        assert "Traceback" not in running.printed()
