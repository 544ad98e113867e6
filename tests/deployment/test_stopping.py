"""Ctrl-C, SIGTERM and a program that dies: `make run` and the worker leave nothing behind.

`Program.stop` fails where a child outlives its parent.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import process_groups
from tests.support.editable import copy_of_the_shop, edit
from tests.support.ports import free_port
from tests.support.processes import ROOT, Program, manage
from tests.support.waiting import wait_until

RUN = [sys.executable, "-m", "project.development"]
# `make run` itself, without its installation.
MAKE_RUN = ["make", "--old-file=.venv/installed", f"BIN={Path(sys.executable).parent}", "run"]
WORKER = [sys.executable, "manage.py", "worker"]
# A shell that ignores SIGINT, as for a job in the background; what it starts inherits that.
IGNORING_SIGINT = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
RUN_A_STUBBORN_PROGRAM = f"""
import sys
from project import programs
programs.STOP_SECONDS = 0.5
programs.is_listening = lambda port: True
programs.run_together([[sys.executable, "-c", {STUBBORN!r}]], reloaded=[], port=1, greeting="")
"""

type Stop = Callable[[Program], int]


def press_ctrl_c(program: Program) -> int:
    """A terminal sends SIGINT to the program and to its children."""
    os.killpg(program.pid, signal.SIGINT)
    wait_until(lambda: not program.is_running, program.printed)
    return program.stop()


def terminate(program: Program) -> int:
    return program.stop(signal.SIGTERM)


def pids_of(program: Program, name: str) -> list[int]:
    """The processes that `program` has started and that have `name` in their command line."""
    started = [each for each in process_groups.members(program.pid) if each.pid != program.pid]
    return [each.pid for each in started if name in " ".join(each.cmdline())]


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


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_shop(tmp_path_factory.mktemp("shop"))


def shop(
    environment: dict[str, str],
    log_folder: Path,
    *,
    shell: list[str] | None = None,
    command: list[str] = RUN,
    folder: Path = ROOT,
) -> Program:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    whole = [*(shell or []), *command]
    return Program(whole, environment | ports, log_folder / "log", folder=folder)


@pytest.mark.parametrize("shell", [[], IGNORING_SIGINT], ids=["", "parent-ignores-sigint"])
@pytest.mark.parametrize("stop", [press_ctrl_c, terminate])
def test_make_run_stops_with_all_its_programs(
    environment: dict[str, str], tmp_path: Path, stop: Stop, shell: list[str]
) -> None:
    with shop(environment, tmp_path, shell=shell) as program:
        program.wait_until(lambda: "Ctrl-C stops it." in program.printed())
        assert stop(program) == 0
        assert "Traceback" not in program.printed()


@pytest.mark.parametrize("shell", [[], IGNORING_SIGINT], ids=["", "parent-ignores-sigint"])
@pytest.mark.parametrize("stop", [press_ctrl_c, terminate])
def test_make_stops_with_all_its_programs(
    environment: dict[str, str], tmp_path: Path, stop: Stop, shell: list[str]
) -> None:
    """The exit code is make's, which ends by the signal itself where it doesn't ignore it."""
    with shop(environment, tmp_path, shell=shell, command=MAKE_RUN) as program:
        program.wait_until(lambda: "Ctrl-C stops it." in program.printed())
        stop(program)
        assert "Stopping." in program.printed()
        assert "Traceback" not in program.printed()


def has_begun_to_reload(program: Program, before: int) -> bool:
    return "Reloading" in program.printed()


def has_started_the_shop_again(program: Program, before: int) -> bool:
    running = program.child("uvicorn")
    return running is not None and running.pid != before


@pytest.mark.parametrize("is_the_moment", [has_begun_to_reload, has_started_the_shop_again])
@pytest.mark.parametrize("stop", [press_ctrl_c, terminate])
def test_make_run_stops_while_it_reloads(
    environment: dict[str, str],
    tmp_path: Path,
    editable: Path,
    stop: Stop,
    is_the_moment: Callable[[Program, int], bool],
) -> None:
    with shop(environment, tmp_path, shell=IGNORING_SIGINT, folder=editable) as program:
        program.wait_until(lambda: "Ctrl-C stops it." in program.printed())
        (before,) = pids_of(program, "uvicorn")
        edit(editable / "locale/ru/LC_MESSAGES/django.po", "msgid", "\nmsgid")
        program.wait_until(lambda: is_the_moment(program, before))
        assert stop(program) == 0
        assert "Traceback" not in program.printed()


@pytest.mark.parametrize("name", ["stripe_sandbox", "uvicorn", "manage.py worker"])
def test_a_program_that_dies_stops_the_others(
    environment: dict[str, str], tmp_path: Path, name: str
) -> None:
    with shop(environment, tmp_path) as program:
        program.wait_until(lambda: "Ctrl-C stops it." in program.printed())
        (pid,) = pids_of(program, name)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not program.is_running, program.printed)
        assert program.stop() == 1
        assert "ended by itself" in program.printed()


def test_a_program_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN_A_STUBBORN_PROGRAM]
    with Program(command, os.environ, tmp_path / "log") as program:
        program.wait_until(lambda: "ready" in program.printed())
        assert program.stop() == 0


def test_a_signal_during_the_preparation_leaves_nothing_behind(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with shop(environment, tmp_path) as program:
        program.wait_until(lambda: pids_of(program, "manage.py"))
        assert program.stop() == 1
        assert "Traceback" not in program.printed()


@pytest.mark.parametrize("shell", [[], IGNORING_SIGINT], ids=["", "parent-ignores-sigint"])
@pytest.mark.parametrize("stop", [press_ctrl_c, terminate])
def test_the_worker_stops(
    environment: dict[str, str], tmp_path: Path, stop: Stop, shell: list[str]
) -> None:
    with Program([*shell, *WORKER], environment, tmp_path / "log") as program:
        program.wait_until(lambda: "clean_carts finished" in program.printed())
        assert stop(program) == 0
        assert "Traceback" not in program.printed()
