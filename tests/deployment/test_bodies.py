"""Slow, huge and broken bodies at a process of `project.server` with four threads, on SQLite."""

import io
import socket
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from project.bodies import FORM_LIMIT, MAX_BODIES
from tests.support import http
from tests.support.ports import free_port
from tests.support.processes import manage
from tests.support.public_shop import (
    Server,
    collect_static_files,
    production_settings,
    running_server,
)
from tests.support.waiting import wait_until

THREADS = 4
SCRIPT = "GET /static/admin/js/vendor/jquery/jquery.js"
PICTURE = "GET /media/large.webp"
ADD_ITEM = "/admin/store/item/add/"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
LINE = {"item": "1", "quantity": "1", "submission_id": ""}


@dataclass(frozen=True)
class SlowShop:
    server: Server
    folder: Path

    def connect(self, path: str, length: int, kind: str = FORM, cookies: str = "") -> socket.socket:
        """Send the headers of a POST whose body has `length` bytes."""
        host = self.server.address.removeprefix("http://")
        name, port = host.split(":")
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {host}",
            "Sec-Fetch-Site: same-origin",
            f"Content-Type: {kind}",
            f"Content-Length: {length}",
            *([f"Cookie: {cookies}"] if cookies else []),
        ]
        connection = socket.create_connection((name, int(port)), timeout=60)
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "minicart.sqlite3")) as database:
            return database.execute(query).fetchall()

    def add_a_line(self) -> None:
        answer = http.post(f"{self.server.address}/order/lines", data=LINE, headers=http.BROWSER)
        assert answer.status_code == 303

    def clients_that_left(self) -> int:
        return self.server.program.printed().count("a client left before")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlowShop]:
    folder, port = tmp_path_factory.mktemp("bodies"), str(free_port())
    (folder / "tmp").mkdir()
    environment = production_settings(
        folder,
        ALLOWED_HOSTS="127.0.0.1",
        BASE_URL=f"http://127.0.0.1:{port}",
        PORT=port,
        STRIPE_CURRENCIES="USD,EUR",
        WORKER_THREADS=str(THREADS),
        DRAIN_SECONDS="0",
        TMPDIR=str(folder / "tmp"),
    )
    collect_static_files()
    with running_server(environment, folder / "server.log") as server:
        manage(environment, "seed_catalogue")
        own = environment | {"DJANGO_SUPERUSER_PASSWORD": "for-this-test-only"}
        user = ("--username", "staff", "--email", "staff@shop.example")
        manage(own, "createsuperuser", "--noinput", *user)
        yield SlowShop(server, folder)


@pytest.fixture(scope="module")
def staff(shop: SlowShop) -> str:
    """The cookies of a member of staff."""
    form = {"username": "staff", "password": "for-this-test-only"}
    login = f"{shop.server.address}/admin/login/"
    answer = http.post(login, data=form, headers=http.BROWSER)
    assert answer.status_code == 302
    return f"sessionid={answer.cookies['sessionid']}"


def item_form(name: str, padding: int) -> bytes:
    """A form of the admin with a picture, and a field that makes it larger."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(picture, "PNG")
    fields = {"name": name, "price": "5", "currency": "USD", "position": "1", "is_listed": "on"}
    fields |= {
        "pictures-TOTAL_FORMS": "1",
        "pictures-INITIAL_FORMS": "0",
        "pictures-0-position": "1",
    }
    files = {"pictures-0-image": ("picture.png", picture.getvalue(), "image/png")}
    form = httpx.Request(
        "POST",
        "http://shop/",
        data=fields | {"padding": "a" * padding},
        files=files,
        headers={"Content-Type": MULTIPART},
    )
    return form.read()


def test_form_that_is_cut_off_changes_nothing(shop: SlowShop) -> None:
    lines, left = shop.rows("SELECT * FROM cart_orderline"), shop.clients_that_left()
    with shop.connect("/order/lines", 60_000) as connection:
        connection.sendall(b"item=1&quantity=1&submission_id=&padding=".ljust(70, b"a"))
        # The server has seen these bytes before the connection ends.
        assert http.get(f"{shop.server.address}/item/1").status_code == 200
    shop.server.program.wait_until(lambda: shop.clients_that_left() > left)
    assert shop.rows("SELECT * FROM cart_orderline") == lines


@pytest.mark.parametrize(
    ("path", "length", "kind"),
    [
        ("/order/lines", 60_000, FORM),
        ("/nothing", 60_000, FORM),
        ("/stripe/webhook", 1_000_000, "application/json"),
        ("/admin/login/", 60_000, FORM),
        ("/admin/login/", 4_000_000, MULTIPART),
        (ADD_ITEM, 60_000, MULTIPART),
        (ADD_ITEM, 4_000_000, MULTIPART),
    ],
)
def test_unfinished_bodies_keep_no_thread_busy(
    shop: SlowShop, path: str, length: int, kind: str
) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            stack.enter_context(shop.connect(path, length, kind)).sendall(b"--b\r\n")
        assert http.get(f"{shop.server.address}/item/1").status_code == 200
        shop.add_a_line()


@pytest.mark.parametrize(
    ("path", "length", "kind", "status"),
    [
        ("/order/lines", 60_000_000, MULTIPART, 413),
        ("/order/lines", 60_000, MULTIPART, 415),
        ("/", 60_000_000, MULTIPART, 413),
        ("/nothing", 70_000, FORM, 413),
        ("/stripe/webhook", 1_100_000, "application/json", 413),
        ("/admin/login/", 4_000_000, MULTIPART, 413),
        (ADD_ITEM, 4_000_000, MULTIPART, 403),
        (ADD_ITEM, 60_000_000, MULTIPART, 413),
    ],
)
def test_refused_body_is_answered_before_it_arrives_and_never_stored(
    shop: SlowShop, path: str, length: int, kind: str, status: int
) -> None:
    with shop.connect(path, length, kind) as connection:
        assert f"HTTP/1.1 {status} " in connection.recv(100).decode()
        start = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        connection.sendall(start.ljust(min(length, 8_000_000), b"a"))
        assert list((shop.folder / "tmp").iterdir()) == []


def test_slow_picture_of_staff_delays_no_other_change(shop: SlowShop, staff: str) -> None:
    form = item_form("Slow", padding=1_000_000)
    with shop.connect(ADD_ITEM, len(form), MULTIPART, cookies=staff) as connection:
        for start in range(0, 500_000, 100_000):
            connection.sendall(form[start : start + 100_000])
            shop.add_a_line()
        connection.sendall(form[500_000:])
        assert "HTTP/1.1 302 " in connection.recv(100).decode()
    [(picture,)] = shop.rows(
        "SELECT image FROM store_picture JOIN store_item ON item_id = store_item.id"
        " WHERE name = 'Slow'"
    )
    assert (shop.folder / "media" / picture).exists()


def test_picture_of_staff_that_is_cut_off_changes_nothing(shop: SlowShop, staff: str) -> None:
    form = item_form("Cut off", padding=1_000_000)
    with shop.connect(ADD_ITEM, len(form), MULTIPART, cookies=staff) as connection:
        connection.sendall(form[:500_000])
        shop.add_a_line()
    wait_until(lambda: " 400" in shop.server.program.printed(), shop.server.program.printed)
    assert shop.rows("SELECT * FROM store_item WHERE name = 'Cut off'") == []


def test_only_some_bodies_are_in_memory_at_the_same_time(shop: SlowShop) -> None:
    left = shop.clients_that_left()
    with ExitStack() as stack:
        for _ in range(MAX_BODIES):
            body = stack.enter_context(shop.connect("/order/lines", FORM_LIMIT))
            body.sendall(b"a" * (FORM_LIMIT - 1))
        page = f"{shop.server.address}/order/lines"
        answer = http.post(page, data=LINE, headers=http.BROWSER)
        assert answer.status_code == 503
        assert "The shop is busy" in answer.text
        assert http.get(f"{shop.server.address}/item/1").status_code == 200
    shop.server.program.wait_until(lambda: shop.clients_that_left() >= left + MAX_BODIES)
    shop.add_a_line()


def connect_reader(shop: SlowShop, requests: list[str], header: str = "") -> socket.socket:
    """Send `requests` at once, with little room for the answers. Its end resets the connection."""
    host, port = shop.server.address.removeprefix("http://").split(":")
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    reader.settimeout(60)
    reader.connect((host, int(port)))
    headers = "\r\n".join([f"Host: {host}", *([header] if header else []), "", ""])
    reader.sendall("".join(f"{each} HTTP/1.1\r\n{headers}" for each in requests).encode())
    return reader


@pytest.fixture(scope="module")
def picture(shop: SlowShop) -> bytes:
    """8 MB at /media/large.webp."""
    content = bytes(range(256)) * 32_000
    (shop.folder / "media").mkdir(exist_ok=True)
    (shop.folder / "media/large.webp").write_bytes(content)
    return content


@pytest.mark.parametrize(
    ("requests", "header"),
    [
        ([PICTURE], ""),
        ([SCRIPT] * 40, ""),
        ([SCRIPT] * 40, "Range: bytes=0-200000"),
        (["GET /item/1"] * 1_000, ""),
        ([PICTURE, "HEAD /media/large.webp"], ""),
    ],
    ids=["a picture", "scripts", "parts of scripts", "pages", "no body"],
)
def test_clients_that_read_nothing_and_leave_keep_no_thread_busy(
    shop: SlowShop, picture: bytes, requests: list[str], header: str
) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            reader = stack.enter_context(connect_reader(shop, requests, header))
            assert reader.recv(11) == b"HTTP/1.1 20"
        assert http.get(f"{shop.server.address}/item/1").status_code == 200
    assert http.get(f"{shop.server.address}/item/1").status_code == 200
    assert http.get(f"{shop.server.address}/media/large.webp").content == picture
    assert "Traceback" not in shop.server.program.printed()
    assert '"ERROR"' not in shop.server.program.printed()
