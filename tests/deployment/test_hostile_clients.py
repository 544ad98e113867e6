"""What clients do wrong, through deploy/Caddyfile: nobody else notices, and no server gets it."""

import io
import os
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import product
from threading import Event

import psutil
import pytest
from PIL import Image

from tests.support import http
from tests.support.public_shop import PublicShop
from tests.support.slow_clients import (
    BODY_BYTES,
    answer_to,
    connect,
    request_head,
    slow_clients,
)

# A page comes within this time, even from a busy machine, unless something keeps it.
PAGE_SECONDS = 20
NEW_LINE = "/order/lines"
NEW_ITEM = "/admin/store/item/add/"
FORM = b"item=1&quantity=1&submission_id=&x="
BROKEN_CHUNKS = [b"%x\r\n%s\r\nnot a length\r\n" % (len(FORM), FORM), b"not a length\r\n"]
MEGABYTE = b"0" * 1_000_000
# compose.yaml gives Caddy 512 MiB.
CADDY_MEMORY = 300 * 1024 * 1024
MEGABIT = 125_000


def expect_item_page(public: PublicShop) -> None:
    with public.client() as client:
        assert client.get("/item/1", timeout=PAGE_SECONDS).status_code == 200


def posted_lines(public: PublicShop) -> int:
    """How often a server has got a line for a cart."""
    return sum("POST /order/lines" in line for line in public.logged_requests())


def test_broken_bodies_disturb_nobody(public: PublicShop) -> None:
    before = posted_lines(public)
    done = Event()

    def send_broken_bodies(path: str) -> set[bytes]:
        answers = set()
        while not done.is_set():
            for method, chunks in product(("GET", "POST"), BROKEN_CHUNKS):
                head = request_head(
                    public, method, path, Transfer_Encoding="chunked", Connection="close"
                )
                answers.add(answer_to(public, head + chunks)[:12])
        return answers

    with ThreadPoolExecutor(3) as pool:
        sending = [
            pool.submit(send_broken_bodies, path)
            for path in (NEW_LINE, "/stripe/webhook", NEW_ITEM)
        ]
        try:
            for _ in range(8):
                time.sleep(0.2)
                expect_item_page(public)
        finally:
            done.set()
    assert [each.result() for each in sending] == [{b"HTTP/1.1 400"}] * 3
    assert posted_lines(public) == before


def test_slow_clients_slow_nobody_down(public: PublicShop) -> None:
    before = posted_lines(public)
    with slow_clients(public, plain=300, multiplexed=2) as clients:
        for _ in range(20):
            expect_item_page(public)
            time.sleep(0.5)
        clients.wait_until_ended()
    assert posted_lines(public) == before


@pytest.mark.parametrize(
    ("path", "limit", "named"),
    [
        (NEW_LINE, 64 * 1024, "64,0\xa0КБ"),
        ("/admin/login/", 64 * 1024, "64,0\xa0КБ"),
        ("/stripe/webhook", 1024 * 1024, "1,0\xa0МБ"),
        (NEW_ITEM, 25 * 1024 * 1024, "25,0\xa0МБ"),
    ],
)
def test_too_large_body_is_refused_before_it_is_sent(
    public: PublicShop, path: str, limit: int, named: str
) -> None:
    language = {"Accept_Language": "ru", "Connection": "close"}
    head = request_head(public, "POST", path, Content_Length=60_000_000, **language)
    answer = answer_to(public, head)
    assert answer.startswith(b"HTTP/1.1 413")
    assert f"Это больше, чем принимает магазин ({named})" in answer.decode()
    with public.client() as client:
        assert client.post(path, content=b"0" * (limit + 1)).status_code == 413
        assert client.post(path, content=b"0" * limit).status_code != 413


def test_body_without_its_length_is_limited(public: PublicShop) -> None:
    """Nobody needs it: browsers and Stripe announce the length."""
    with public.client() as client:
        answer = client.post(NEW_LINE, content=iter([FORM]), headers=http.BROWSER)
    assert answer.status_code == 400


def caddy_memory(public: PublicShop) -> int:
    config = str(public.var_dir / "Caddyfile")
    # psutil gives None for a process that has just ended.
    found = [(each, each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])]
    [caddy] = [process for process, command in found if config in command]
    return int(caddy.memory_info().rss)


@pytest.mark.parametrize(
    ("path", "headers", "sent"),
    [
        (NEW_LINE, {"Transfer_Encoding": "chunked"}, b"f4240\r\n" + MEGABYTE),
        ("/stripe/webhook", {"Content_Length": len(MEGABYTE) + 1}, MEGABYTE),
        (NEW_LINE, {"Content_Length": 64 * 1024}, MEGABYTE[: 64 * 1024 - 1]),
        (NEW_LINE, {"X": MEGABYTE.decode()}, b""),
    ],
    ids=["chunked", "event", "form", "header"],
)
def test_unfinished_requests_need_little_memory(
    public: PublicShop, path: str, headers: dict[str, object], sent: bytes
) -> None:
    head = request_head(public, "POST", path, **headers)
    with ExitStack() as stack:
        for _ in range(300):
            connection = stack.enter_context(connect(public))
            with suppress(OSError):  # the proxy has refused it already
                connection.sendall((head + sent)[:1_000_000])
        assert caddy_memory(public) < CADDY_MEMORY
        expect_item_page(public)


def test_late_event_is_refused(public: PublicShop) -> None:
    """Stripe sends it again. It must not get a 200."""
    head = request_head(public, "POST", "/stripe/webhook", Content_Length=100_000)
    with connect(public) as connection:
        connection.sendall(head)
        assert connection.recv(12) == b"HTTP/1.1 408"


def test_late_header_to_the_redirect_ends_the_connection(public: PublicShop) -> None:
    port = int(public.http_address.rpartition(":")[2])
    with socket.create_connection(("localhost", port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert connection.recv(12) == b""


def test_unfinished_uploads_reach_no_server(public: PublicShop) -> None:
    before = posted_lines(public)
    kind = "multipart/form-data; boundary=b"
    head = request_head(public, "POST", NEW_LINE, Content_Length=BODY_BYTES, Content_Type=kind)
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(public)) for _ in range(95)]
        for connection in connections:
            connection.sendall(head + part.ljust(BODY_BYTES - 1, b"0"))
        expect_item_page(public)
        assert {connection.recv(12) for connection in connections} == {b"HTTP/1.1 400"}
    assert posted_lines(public) == before


def test_form_that_ends_early_changes_nothing(public: PublicShop) -> None:
    with public.client() as client:
        form = {"item": "1", "quantity": "1", "submission_id": ""}
        client.post(NEW_LINE, data=form, headers=http.BROWSER)
        cookie = f"sessionid={client.cookies['sessionid']}"
        head = request_head(public, "POST", NEW_LINE, Content_Length=BODY_BYTES, Cookie=cookie)
        with connect(public) as leaving, connect(public) as waiting:
            leaving.sendall(head + FORM + FORM)
            waiting.sendall(head + FORM + FORM)
            leaving.close()
            answer = waiting.recv(1000)
            assert answer.startswith(b"HTTP/1.1 400")
            assert b"nothing was changed" in answer
        [pieces] = re.findall(r'class="count">(\d+)', client.get("/item/1").text)
    assert pieces == "1"


def picture(side: int) -> bytes:
    """A PNG of random dots, which can't be compressed: three bytes a dot."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(file, "PNG")
    return file.getvalue()


def in_parts(body: bytes, bytes_per_second: int) -> Iterator[bytes]:
    size = bytes_per_second // 10
    for start in range(0, len(body), size):
        yield body[start : start + size]
        time.sleep(0.1)


# 2 MB; with 2600 it is 20 MB and takes three minutes.
@pytest.mark.parametrize("side", [850])
def test_picture_arrives_over_a_slow_line(public: PublicShop, side: int) -> None:
    """It takes longer than read_body lets the body of another form take."""
    public.run_python(
        "from django.contrib.auth.models import User;"
        f"User.objects.create_superuser('photographer-{side}', password='for-this-test-only')"
    )
    fields = {"name": "Print", "description": "", "price": "5", "currency": "USD", "position": "1"}
    sent = picture(side)
    fields |= {
        "pictures-TOTAL_FORMS": "1",
        "pictures-INITIAL_FORMS": "0",
        "pictures-0-position": "1",
    }
    files = {"pictures-0-image": ("print.png", sent, "image/png")}
    with public.client() as client:
        client.headers.update(http.BROWSER)
        login = {"username": f"photographer-{side}", "password": "for-this-test-only"}
        assert client.post("/admin/login/?next=/admin/", data=login).status_code == 302
        whole = client.build_request("POST", NEW_ITEM, data=fields, files=files)
        body = whole.read()
        headers = {name: whole.headers[name] for name in ("Content-Type", "Content-Length")}
        answer = client.post(NEW_ITEM, content=in_parts(body, MEGABIT), headers=headers)
    assert answer.status_code == 302, answer.text
    size = public.run_python(
        "from store.models import Picture; last = Picture.objects.latest('pk');"
        "print(last.width, last.height)"
    )
    assert size == f"{side} {side}"
