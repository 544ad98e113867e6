"""What `manage.py backup` writes, and why it may write nothing."""

import sqlite3
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from project.management.commands.backup import add_pictures
from tests.support.processes import run
from tests.support.public_shop import (
    production_settings,
)


@pytest.mark.parametrize(
    ("database", "sentence"),
    [
        ("postgres://nobody@127.0.0.1:9/nothing", "use deploy/backup or pg_dump"),
        ("sqlite:///{folder}/other.sqlite3", "There is no database {folder}/other.sqlite3."),
    ],
)
def test_backup_names_the_reason_why_it_makes_none(
    tmp_path: Path, database: str, sentence: str
) -> None:
    environment = production_settings(
        tmp_path,
        ALLOWED_HOSTS="127.0.0.1",
        BASE_URL="http://127.0.0.1",
        DATABASE_URL=database.format(folder=tmp_path),
    )
    failed = run([sys.executable, "manage.py", "backup", str(tmp_path / "shop.tar")], environment)
    assert failed.returncode == 1
    assert sentence.format(folder=tmp_path) in failed.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("{folder}", "{folder} is a folder; name a file"),
        ("/proc/shop.tar", "No backup was written"),
    ],
)
def test_backup_names_a_file_that_it_cannot_write(tmp_path: Path, file: str, sentence: str) -> None:
    environment = production_settings(
        tmp_path, ALLOWED_HOSTS="127.0.0.1", BASE_URL="http://127.0.0.1"
    )
    database = Path(environment["VAR_DIR"]) / "minicart.sqlite3"
    database.touch()
    command = [sys.executable, "manage.py", "backup", file.format(folder=tmp_path)]
    failed = run(command, environment)
    assert failed.returncode == 1
    assert sentence.format(folder=tmp_path) in failed.stderr
    assert "Traceback" not in failed.stderr


def test_backup_has_pictures_that_staff_change_meanwhile(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "pictures")
    folder = tmp_path / "pictures/items"
    folder.mkdir(parents=True)
    for name in ("kept", "deleted", "written"):
        (folder / name).write_text(name[:4])
    sizes: dict[Path, int] = {}
    with tarfile.open(tmp_path / "backup.tar", "w") as archive:
        add_pictures(archive, sizes)
        (folder / "deleted").unlink()
        (folder / "written").write_text("written")
        (folder / "new").write_text("new")
        add_pictures(archive, sizes)
    with tarfile.open(tmp_path / "backup.tar") as archive:
        archive.extractall(tmp_path, filter="data")
    found = {path.name: path.read_text() for path in (tmp_path / "media/items").iterdir()}
    assert found == {"kept": "kept", "deleted": "dele", "written": "written", "new": "new"}


def test_backup_without_room_for_the_database_says_so(tmp_path: Path) -> None:
    environment = production_settings(
        tmp_path, ALLOWED_HOSTS="127.0.0.1", BASE_URL="http://127.0.0.1"
    )
    with closing(sqlite3.connect(tmp_path / "minicart.sqlite3")) as database:
        database.execute("CREATE TABLE large AS SELECT zeroblob(1000000) AS content")
        database.commit()
    before = {*tmp_path.iterdir()}
    limited = 'ulimit -f 500 && exec "$0" manage.py backup "$1"'  # in blocks of 512 bytes
    failed = run(["sh", "-c", limited, sys.executable, f"{tmp_path}/shop.tar"], environment)
    assert failed.returncode == 1
    assert "No backup was written" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert {path.name for path in {*tmp_path.iterdir()} - before} <= {
        f"minicart.sqlite3-{kind}" for kind in ("wal", "shm")
    }
