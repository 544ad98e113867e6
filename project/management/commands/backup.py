import sqlite3
import tarfile
from argparse import ArgumentParser
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection


class Command(BaseCommand):
    help = (
        "Writes the SQLite database and the pictures into one tar file, also while the shop runs."
        " With PostgreSQL and compose.yaml, use deploy/backup. See docs/deployment.md."
    )
    requires_system_checks: list[str] = []  # they connect, which creates a missing database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The tar file; an older one is replaced.")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("This database is not SQLite: use deploy/backup or pg_dump.")
        database = Path(connection.settings_dict["NAME"])
        if not database.exists():
            raise CommandError(f"There is no database {database}.")
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}.")
        if file.is_dir():
            raise CommandError(f"{file} is a folder; name a file in it, like {file / 'shop.tar'}.")
        try:
            with TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
                write_backup(Path(folder), database.name).replace(file)
        except (OSError, sqlite3.Error, DatabaseError) as error:  # no right, or no space
            raise CommandError(f"No backup was written: {error}") from None


def write_backup(folder: Path, name: str) -> Path:
    """Return an archive in `folder` with a copy of the database, called `name`, and all pictures.

    The pictures are read before and after the database: the first time to have those that staff
    replace or delete meanwhile, the second time to have the new ones.
    """
    copy, file = folder / name, folder / "backup.tar"
    sizes: dict[Path, int] = {}
    with tarfile.open(file, "w") as archive:
        add_pictures(archive, sizes)
        copy_database(copy)
        archive.add(copy, name)
        add_pictures(archive, sizes)
    file.chmod(0o600)  # it has the buyers' addresses
    return file


def copy_database(target: Path) -> None:
    """Copy it in one read transaction, in which other processes can still write."""
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)


def add_pictures(archive: tarfile.TarFile, sizes: dict[Path, int]) -> None:
    """Add the pictures that `sizes` lacks, or has with another size: they were being written."""
    folder = Path(settings.MEDIA_ROOT)
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError):  # deleted meanwhile
            if path.is_file() and sizes.get(path) != (size := path.stat().st_size):
                archive.add(path, Path("media") / path.relative_to(folder))
                sizes[path] = size
