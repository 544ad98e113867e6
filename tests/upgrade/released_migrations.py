"""The migrations of each release: tests/upgrade/VERSION/migrations.json has a hash of each."""

import hashlib
import json
from pathlib import Path

from tests.support.processes import ROOT
from tests.upgrade.recording import RELEASES

APPS = ("web", "store", "cart", "payments", "notifications")
FILE = "migrations.json"


def present() -> dict[str, str]:
    """The hashes of today's migrations by their path."""
    files = [file for app in APPS for file in sorted((ROOT / app / "migrations").glob("0*.py"))]
    return {file.relative_to(ROOT).as_posix(): hash_of(file.read_text("utf-8")) for file in files}


def hash_of(source: str) -> str:
    """A hash of the code. Comments and empty lines may change."""
    lines = [line.rstrip() for line in source.splitlines()]
    code = [line for line in lines if line and not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()


def write(folder: Path) -> None:
    (folder / FILE).write_text(json.dumps(present(), indent=1) + "\n")


def released() -> dict[str, dict[str, str]]:
    """By version, the hashes of the migrations that it had."""
    return {file.parent.name: json.loads(file.read_text()) for file in RELEASES.glob(f"*/{FILE}")}


def edited(version: str, released: dict[str, str], present: dict[str, str]) -> list[str]:
    """A sentence for each migration that isn't as it was released."""
    return [
        f"{path} was released with {version}, so shops have run it. Put it back as it was, and add"
        " a new migration: CONTRIBUTING.md, “Migrations”."
        for path, hashed in released.items()
        if present.get(path) != hashed
    ]
