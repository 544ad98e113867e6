"""A process of `project.server`, as on a public server, on a SQLite file."""

import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from project.development import sandbox_settings
from project.server import MALLOC
from tests.support import http
from tests.support.latency import latency
from tests.support.ports import free_port
from tests.support.processes import manage
from tests.support.public_shop import (
    Server,
    collect_static_files,
    production_settings,
    running_server,
    running_stripe,
)


def settings_for(folder: Path, **own: str) -> dict[str, str]:
    port = str(free_port())
    local = {"ALLOWED_HOSTS": "127.0.0.1", "BASE_URL": f"http://127.0.0.1:{port}", "PORT": port}
    return production_settings(folder, **local, **own)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    # Unlike uvloop, asyncio doesn't set TCP_NODELAY by itself.
    environment = settings_for(
        folder, WEB_CONCURRENCY="2", DRAIN_SECONDS="0", SERVER_LOOP="asyncio"
    )
    collect_static_files()
    with running_server(environment, folder / "server.log") as server:
        yield server


def expect_styled(server: Server, answer: httpx.Response, heading: str) -> None:
    assert heading in answer.text
    styles = re.findall(r'href="(/static/[^"]+\.css)"', answer.text)
    assert len(styles) == 2  # of all pages, and of this kind
    for style in styles:
        assert re.search(r"\.[0-9a-f]{12}\.css$", style)
        found = http.get(server.address + style, headers={"Accept-Encoding": "br"})
        assert found.status_code == 200
        assert found.headers["Content-Encoding"] == "br"
        assert "max-age=315360000" in found.headers["Cache-Control"]


def test_kept_connection_is_as_fast_as_fresh_ones(server: Server) -> None:
    measured = latency(server.address.removeprefix("http://"), "/robots.txt")
    assert measured.kept < 2 * measured.fresh


def test_the_threads_of_a_process_share_one_heap(server: Server) -> None:
    children = psutil.Process(server.program.pid).children()
    workers = [each for each in children if "spawn_main" in str(each.cmdline())]
    assert len(workers) == 2
    for worker in workers:
        assert MALLOC.items() <= worker.environ().items()


def test_empty_database_shows_a_styled_page(server: Server) -> None:
    answer = http.get(server.address)
    assert answer.status_code == 200
    expect_styled(server, answer, "Minicart")


def test_missing_page_is_styled(server: Server) -> None:
    answer = http.get(f"{server.address}/nothing")
    assert answer.status_code == 404
    expect_styled(server, answer, "There is no such page")


def test_form_of_another_site_gets_a_styled_403(server: Server) -> None:
    answer = http.post(f"{server.address}/order/lines", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    expect_styled(server, answer, "<h1>")


def test_failure_gets_a_styled_page_and_one_line_in_the_log(server: Server, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "minicart.sqlite3")) as database:
        database.execute("ALTER TABLE store_item RENAME TO away")
        answer = http.get(f"{server.address}/?after=2~100")  # a page that isn't kept yet
        database.execute("ALTER TABLE away RENAME TO store_item")
    assert answer.status_code == 500
    expect_styled(server, answer, "Something went wrong on our side")
    lines = [json.loads(line) for line in (folder / "server.log").read_text().splitlines()]
    of_this = [each for each in lines if each["request_id"] == answer.headers["X-Request-ID"]]
    (line,) = (each for each in of_this if each["level"] == "ERROR")
    assert "no such table: store_item" in line["exc_info"]


def test_responses_have_security_headers(server: Server) -> None:
    headers = http.get(server.address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Server" not in headers


def test_probes_need_neither_the_shops_name_nor_its_database(server: Server) -> None:
    elsewhere = {"Host": "10.0.0.7"}
    assert http.get(f"{server.address}/healthz", headers=elsewhere).text == "alive"
    assert http.get(f"{server.address}/readyz", headers=elsewhere).text == "ready"
    assert http.post(f"{server.address}/healthz").status_code == 405
    assert http.get(server.address, headers=elsewhere).status_code == 400


def test_is_alive_and_not_ready_without_its_database(tmp_path: Path) -> None:
    nobody = f"postgres://shop@127.0.0.1:{free_port()}/shop"
    environment = settings_for(tmp_path, DATABASE_URL=nobody, DRAIN_SECONDS="0")
    with running_server(environment, tmp_path / "server.log") as server:
        assert http.get(f"{server.address}/healthz").status_code == 200
        answer = http.get(f"{server.address}/readyz")
        assert (answer.status_code, answer.text) == (503, "the database does not answer")


def test_finishes_a_purchase_before_it_stops(tmp_path: Path) -> None:
    with running_stripe(tmp_path, "http://127.0.0.1:9/", {}) as local_stripe:
        environment = settings_for(
            tmp_path, DRAIN_SECONDS="0", **sandbox_settings(local_stripe.address)
        )
        with running_server(environment, tmp_path / "server.log") as server:
            manage(environment, "seed_catalogue")
            local_stripe.slow_down(2)
            with ThreadPoolExecutor(1) as pool:
                buying = pool.submit(http.get, f"{server.address}/buy/1")
                while not local_stripe.requests("POST", "/v1/checkout/sessions"):
                    assert not buying.done(), buying.result().text
                assert server.program.stop() == 0
                assert buying.result().json()["id"].startswith("cs_test_")


def test_draining_server_reports_it_and_keeps_serving(tmp_path: Path) -> None:
    environment = settings_for(tmp_path, DRAIN_SECONDS="20")
    with (
        running_server(environment, tmp_path / "server.log") as server,
        ThreadPoolExecutor(1) as pool,
    ):
        stopping = pool.submit(server.program.stop)
        while http.get(f"{server.address}/healthz").status_code == 200:
            assert not stopping.done()
        assert http.get(f"{server.address}/healthz").text == "about to stop"
        assert http.get(f"{server.address}/readyz").status_code == 503
        assert http.get(f"{server.address}/robots.txt").status_code == 200
        assert stopping.result() == 0
