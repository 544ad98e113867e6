"""tests.support.processes leaves no process behind, however the test process ends."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.processes import ROOT, Program, run
from tests.support.waiting import wait_until

# A shell with a child that outlives it; prints the child's id.
WITH_A_CHILD = ["sh", "-c", "sleep 1000 & echo $!; exec sleep 1000"]

STARTS_A_PROGRAM = f"""
import os, signal, sys, time
from pathlib import Path
from tests.support.processes import Program
program = Program({WITH_A_CHILD}, {{}}, Path(sys.argv[1]))
program.start()
program.wait_until(program.printed)
"""


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def child_of(program: Program) -> int:
    program.wait_until(program.printed)
    return int(program.printed())


def test_a_child_that_outlives_its_program_is_an_error_and_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(WITH_A_CHILD, os.environ, tmp_path / "log")
    program.start()
    child = child_of(program)
    monkeypatch.setattr("tests.support.waiting.LIMIT_SECONDS", 0.5)
    with pytest.raises(AssertionError, match="left behind"):
        program.stop()
    wait_until(lambda: is_gone(child))


def test_a_failing_test_leaves_nothing(tmp_path: Path) -> None:
    program = Program(WITH_A_CHILD, os.environ, tmp_path / "log")

    def fail() -> None:
        with program:
            program.wait_until(program.printed)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    wait_until(lambda: is_gone(int(program.printed())))


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_test_process_leaves_nothing(tmp_path: Path, by: signal.Signals) -> None:
    code = f"{STARTS_A_PROGRAM}\nos.kill(os.getpid(), {by.value})"
    done = run([sys.executable, "-c", code, str(tmp_path / "log")], os.environ)
    assert done.returncode == -by, done.stderr
    wait_until(lambda: is_gone(int((tmp_path / "log").read_text())))


def test_sigint_reaches_a_program_also_where_the_parent_ignores_it(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from tests.support.processes import *;"
        "program = Program(['sleep', '1000'], os.environ, Path(sys.argv[1]));"
        "program.start(); sys.exit(program.stop(signal.SIGINT) != -signal.SIGINT)"
    )
    command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", sys.executable, "-c", code]
    done = run([*command, str(tmp_path / "log")], os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
