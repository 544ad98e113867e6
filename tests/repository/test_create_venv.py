"""requirements/create-venv with stand-ins for Python and uv: which of them it calls, and how."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.processes import ROOT

PYTHON = """#!/bin/sh
echo "python $*" >> {folder}/calls
case "$*" in
  *print*) echo {version} ;;
  *exit*) test {version} != 3.10 ;;
  *venv*) mkdir -p "$3/bin" && cp {folder}/pip {folder}/uv "$3/bin" && {venv} ;;
esac
"""
TOOL = """#!/bin/sh
echo "{name} $*" >> {folder}/calls
{outcome}
"""


@dataclass(frozen=True)
class Tried:
    exit_code: int
    calls: list[str]
    error: str
    folder: Path


def create_venv(
    folder: Path, *, version: str = "3.10", venv: str = "true", uv: str = "true"
) -> Tried:
    """Run the script in `folder`; `venv` and `uv` are the last command of these stand-ins."""
    (folder / "requirements").mkdir()
    for name in ("requirements/create-venv", "requirements/uv.txt", ".python-version"):
        shutil.copy(ROOT / name, folder / name)
    programs = {
        "python": PYTHON.format(folder=folder, version=version, venv=venv),
        "pip": TOOL.format(folder=folder, name="pip", outcome="true"),
        "uv": TOOL.format(folder=folder, name="uv", outcome=uv),
    }
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    done = subprocess.run(
        [folder / "requirements/create-venv", folder / "python"],
        capture_output=True,
        text=True,
        check=False,
    )
    calls = [each for each in (folder / "calls").read_text().splitlines() if " -c " not in each]
    return Tried(done.returncode, calls, done.stderr, folder)


def test_a_new_enough_python_makes_it(tmp_path: Path) -> None:
    tried = create_venv(tmp_path, version="3.12")
    assert (tried.exit_code, tried.calls) == (0, ["python -m venv .venv"])


def test_for_an_old_python_the_locked_uv_gets_a_newer_one(tmp_path: Path) -> None:
    tried = create_venv(tmp_path)
    assert tried.exit_code == 0
    venv, pip, uv = tried.calls
    assert venv == "python -m venv .python/uv"
    assert pip.endswith("--require-hashes -r requirements/uv.txt")
    assert uv == f"uv venv --quiet --seed --python {wanted_python()} .venv"


def test_a_download_that_fails_ends_with_the_command_that_helps(tmp_path: Path) -> None:
    tried = create_venv(tmp_path, uv="exit 1")
    assert tried.exit_code == 1
    assert tried.error.endswith(f"make run PYTHON=python{wanted_python()}\n")
    assert not (tried.folder / ".venv").exists()


@pytest.mark.parametrize(
    ("version", "venv"), [("3.12", ".venv"), ("3.10", ".python/uv")], ids=["new", "old"]
)
def test_without_the_venv_module_it_says_what_to_install(
    tmp_path: Path, version: str, venv: str
) -> None:
    tried = create_venv(tmp_path, version=version, venv="exit 1")
    assert tried.exit_code == 1
    assert "sudo apt-get install python3-venv" in tried.error
    assert tried.calls == [f"python -m venv {venv}"]
    assert not (tried.folder / ".venv").exists()


def wanted_python() -> str:
    return (ROOT / ".python-version").read_text().strip()
