"""Version, licence, CI and the tools of the project agree with each other."""

import re
import subprocess
import sys
import tomllib
from typing import Any

import yaml

from tests.support.processes import ROOT


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_version_is_in_one_place() -> None:
    """Texts like the changelog name it too."""
    version = pyproject()["project"]["version"]
    code = ["*.py", "*.toml", "*.yaml", "*.yml", "*.html", "Dockerfile", "Makefile", "deploy"]
    found = subprocess.run(
        ["git", "grep", "-lwF", version, "--", *code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["pyproject.toml"]


def test_the_licence_is_mit() -> None:
    project = pyproject()["project"]
    assert (project["license"], project["license-files"]) == ("MIT", ["LICENSE"])
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("MIT License\n\nCopyright (c) ")
    assert "Minicart contributors" in text


def test_ci_runs_the_script_of_this_repository_on_its_python() -> None:
    workflow = ROOT / ".github/workflows/ci.yml"
    (job,) = yaml.safe_load(workflow.read_text())["jobs"].values()
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert {"python-version-file": ".python-version"} in [each.get("with") for each in job["steps"]]
    assert "make check test" in (ROOT / ".ci/run").read_text()
    command = [sys.executable, "-m", "check_jsonschema"]
    schema = ["--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run(
        [*command, *schema, workflow], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_oldest_python_is_the_same_everywhere() -> None:
    oldest = pyproject()["project"]["requires-python"].removeprefix(">=")
    makefile = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"--python-version (\S+)", makefile)) == {oldest}
    script = (ROOT / "requirements/create-venv").read_text()
    assert f"sys.version_info < ({oldest.replace('.', ', ')})" in script
    assert set(re.findall(r"Python (3\.\d+) or newer", script)) == {oldest}
    readme = (ROOT / "README.md").read_text()
    assert re.findall(r"Python is older than (3\.\d+)", readme) == [oldest]


def test_the_image_has_the_python_of_development() -> None:
    python = (ROOT / ".python-version").read_text().strip()
    assert f"FROM python:{python}-" in (ROOT / "Dockerfile").read_text()


def test_the_uv_that_gets_a_newer_python_is_the_locked_one_with_hashes() -> None:
    development, alone = ((ROOT / f"requirements/{name}.txt").read_text() for name in ("dev", "uv"))
    (pin,) = re.findall(r"^uv==\S+", alone, re.MULTILINE)
    assert f"\n{pin} " in development
    assert alone.count("--hash=sha256:") > 10


def test_the_hooks_before_a_commit_are_the_tools_of_make_check() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)
    check = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    for hook in hooks:
        program = hook["entry"].split()[0].rpartition("/")[2]
        assert f"$(BIN)/{program}" in check
