"""`make bench` measures answers, and fails where one is an error."""

import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import psycopg
import pytest

from bench.load import WrongAnswer, per_second
from bench.measuring import Figures, measure, quick_run
from bench.rows import Row, not_modified, page, with_session
from bench.shop import CORES, POSTGRESQL, Shop, running_shop
from bench.visitors import cart_cookie
from tests.support.ports import free_port
from tests.support.processes import run


class Answer(BaseHTTPRequestHandler):
    """Answers with the status that the path names; every tenth /mixed is an error."""

    protocol_version = "HTTP/1.1"
    count = 0

    def do_GET(self) -> None:
        Answer.count += 1
        mixed = 500 if Answer.count % 10 == 0 else 200
        self.send_response(mixed if self.path == "/mixed" else int(self.path[1:]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with running_shop(POSTGRESQL) as shop:
        os.sched_setaffinity(0, CORES)  # the bench has left this process only some of them
        yield shop


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def test_expected_answers_are_counted(port: int) -> None:
    requests = [get("/200"), get("/304")]
    assert per_second(port, requests, statuses=(200, 304), connections=2, seconds=0, count=50) > 1


@pytest.mark.parametrize("path", ["/500", "/303", "/mixed"])
def test_another_status_fails(port: int, path: str) -> None:
    with pytest.raises(WrongAnswer, match="status [53]0"):
        per_second(port, [get(path)], connections=2, seconds=0, count=50)


def test_a_server_that_is_away_fails() -> None:
    with pytest.raises(WrongAnswer):
        per_second(free_port(), [get("/200")], connections=2, seconds=0, count=50)


def test_a_part_of_the_bench_prints_its_row() -> None:
    command = [sys.executable, "-m", "bench", "--quick", "--only", "list of 24 with a session"]
    done = run([*command, "--database", "sqlite", "--processes", "1"], os.environ)
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ")[0] for line in done.stdout.splitlines() if line.startswith("| ")]
    assert rows[2:] == ["| empty view, requests a second", "| list of 24 with a session"]


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_commits_on_postgresql_wait_for_the_disk(shop: Shop, setting: str) -> None:
    with psycopg.connect(shop.postgresql) as connection:
        assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_rows_that_cannot_be_prepared_fail_alone(shop: Shop) -> None:
    rows = [
        Row("no ETag", not_modified("/robots.txt")),
        Row("too few items", with_session(lambda _shop: "/order", 50)),
        Row("refused Add", lambda shop: [cart_cookie(shop, [404404]).encode()]),
        Row("list", page("/")),
    ]
    run, figures = quick_run(), Figures()
    measure(shop, rows, run, figures)
    assert list(figures.ratios) == ["list"]
    assert [failure.partition(" on ")[0] for failure in run.failures] == [
        *("no ETag", "too few items", "refused Add")
    ]
