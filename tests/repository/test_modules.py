"""Modules are named with the terms of their field, and payments/ stays small enough to enter."""

import subprocess
from pathlib import Path, PurePath

ROOT = Path(__file__).resolve().parents[2]
# Names that no newcomer could guess the content of.
FORMER_NAMES = {
    *("patience", "aftermath", "superseding", "kinds", "reusables"),
    *("figures", "remote", "attention", "refusals"),
}
MAX_MODULES = 15
# Packages of Django's, of tests, and Stripe's, which has nothing to do with orders.
NOT_COUNTED = {
    "apps",
    "urls",
    "__init__",
    "management",
    "migrations",
    "templatetags",
    "tests",
    "stripe_api",
}


def python_files() -> list[PurePath]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [PurePath(line) for line in listed.stdout.splitlines()]


def test_no_module_has_a_name_that_was_given_up() -> None:
    names = {part.removesuffix(".py") for path in python_files() for part in path.parts}
    assert {"settlement", "errors"} < names
    assert not names & FORMER_NAMES


def test_payments_has_at_most_15_modules() -> None:
    inside = [path.parts[1] for path in python_files() if path.parts[0] == "payments"]
    modules = {name.removesuffix(".py") for name in inside} - NOT_COUNTED
    assert "settlement" in modules
    assert len(modules) <= MAX_MODULES, sorted(modules)
