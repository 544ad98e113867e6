"""A copy of the shop's files that a test can edit while the shop runs."""

import shutil
from pathlib import Path

from tests.support.processes import ROOT

FOLDERS = [
    *("project", "web", "store", "cart", "payments", "notifications"),
    *("stripe_sandbox", "templates", "static", "locale"),
]


def copy_of_the_shop(folder: Path) -> Path:
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("tests"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy2(ROOT / name, folder)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
