"""Debian's nginx keeps pages of the catalogue, and nobody gets the page of another visitor."""

import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx
import pytest

from tests.support import http
from tests.support.nginx import NOTHING, running_nginx
from tests.support.ports import free_port
from tests.support.processes import manage
from tests.support.public_shop import (
    Server,
    collect_static_files,
    production_settings,
    running_server,
)
from tests.support.waiting import LIMIT_SECONDS, wait_until


@dataclass(frozen=True)
class CachedShop:
    """A server and the address of nginx in front of it."""

    address: str
    server: Server
    environment: dict[str, str]

    def get(self, path: str, cookie: str = "", **headers: str) -> httpx.Response:
        own = {"Accept-Encoding": "gzip", "Cookie": cookie} | headers
        return http.get(self.address + path, headers=own)

    def new_cart(self, item: int, quantity: int) -> str:
        """Add to the cart of a new visitor; return the visitor's cookie."""
        form = {"item": str(item), "quantity": str(quantity)}
        answer = http.post(f"{self.address}/order/lines", data=form, headers=http.BROWSER)
        return f"sessionid={answer.cookies['sessionid']}"

    def sent(self, stack: ExitStack) -> TextIO:
        """Send a request for an item; return the answer, which needn't have come."""
        host = self.address.removeprefix("http://")
        connection = stack.enter_context(
            socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])), LIMIT_SECONDS)
        )
        head = f"GET /item/1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        return stack.enter_context(connection.makefile(encoding="utf-8"))

    def change_prices(self) -> None:
        edit = "from store.models import Item; Item.objects.update(price=999, currency='EUR')"
        manage(self.environment, "shell", "-c", edit)

    def answered_by_shop(self) -> int:
        """How many requests for pages have reached the server."""
        return self.server.program.printed().count('"message": "GET /')


@contextmanager
def cached_shop(folder: Path, *, seconds: int, without: str = NOTHING) -> Iterator[CachedShop]:
    port, upstream = free_port(), free_port()
    environment = production_settings(
        folder,
        ALLOWED_HOSTS="127.0.0.1",
        BASE_URL=f"http://127.0.0.1:{port}",
        PORT=str(upstream),
        DRAIN_SECONDS="0",
        CATALOGUE_CACHE_SECONDS=str(seconds),
    )
    collect_static_files()
    for command in (("migrate", "-v0"), ("seed_catalogue",)):
        manage(environment, *command)
    nginx = running_nginx(folder / "nginx", port, upstream, without=without)
    with running_server(environment, folder / "server.log") as server, nginx as address:
        yield CachedShop(address, server, environment)


# Without the lines that name the session, only the headers of the shop's answers decide.
@pytest.fixture(scope="module", params=[NOTHING, "sessionid"], ids=["as it is", "only headers"])
def cached(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CachedShop]:
    folder = tmp_path_factory.mktemp("nginx")
    with cached_shop(folder, seconds=3600, without=request.param) as shop:
        yield shop


def badge_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200
    found = re.search(r'class="count">(\d+)', answer.text)
    return found[1] if found else ""


def test_the_badge_of_one_visitor_never_reaches_another(cached: CachedShop) -> None:
    visitors = [cached.new_cart(1, 2), "", cached.new_cart(1, 3), ""]
    for path in ("/", "/?currency=USD", "/item/1", "/pages/about"):
        for _time in range(3):
            answers = [cached.get(path, each) for each in visitors]
            assert [badge_of(each) for each in answers] == ["2", "", "3", ""]
            assert not any("Set-Cookie" in each.headers for each in answers)
        found = [each.headers["X-Cache"] for each in answers]
        assert found[1::2] == ["HIT", "HIT"]
        assert "HIT" not in found[0::2]
        assert answers[1].content == answers[3].content


def test_the_shop_answers_the_first_visitor_only(cached: CachedShop) -> None:
    cached.get("/item/2")
    answered = cached.answered_by_shop()
    for _time in range(20):
        assert badge_of(cached.get("/item/2")) == ""
    assert cached.answered_by_shop() == answered


def test_a_page_that_was_opened_before_the_cart_is_not_shown_after_it(cached: CachedShop) -> None:
    known = {"If-None-Match": cached.get("/item/3").headers["ETag"]}
    assert badge_of(cached.get("/item/3", cached.new_cart(3, 4), **known)) == "4"
    other = cached.get("/item/3", **known)
    assert (other.status_code, other.content) == (304, b"")


def test_languages_compression_and_fragments_are_kept_apart(cached: CachedShop) -> None:
    for _time in range(2):
        russian = cached.get("/item/4", **{"Accept-Language": "ru"})
        plain = cached.get("/item/4", **{"Accept-Encoding": "identity"})
        fragment = cached.get("/item/4", **{"HX-Request": "true"})
        page = cached.get("/item/4")
        assert '<html lang="ru">' in russian.text
        assert '<html lang="en">' in page.text
        assert page.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert page.text == plain.text
        assert "<html" not in fragment.text
    found = [each.headers["X-Cache"] for each in (russian, plain, page, fragment)]
    assert found == ["HIT", "HIT", "HIT", "MISS"]


def test_other_pages_are_not_kept(cached: CachedShop) -> None:
    visitors = [cached.new_cart(1, 1), "", ""]
    for path in ("/order", "/order/find", "/admin/login/", "/nothing", "/item/404404"):
        for each in visitors:
            assert cached.get(path, each).headers["X-Cache"] in ("MISS", "BYPASS")
    assert [badge_of(cached.get("/order", each)) for each in visitors] == ["1", "", ""]


def test_an_edit_is_on_the_page_after_the_seconds(tmp_path: Path) -> None:
    with cached_shop(tmp_path, seconds=1) as shop:
        assert "€999.00" not in shop.get("/item/1").text
        shop.change_prices()
        wait_until(lambda: "€999.00" in shop.get("/item/1").text)


def test_an_old_page_is_not_shown_while_a_request_renews_it(tmp_path: Path) -> None:
    with cached_shop(tmp_path, seconds=1) as shop, ExitStack() as stack:
        assert "999.00" not in shop.sent(stack).read()
        shop.change_prices()
        time.sleep(2.5)  # longer than nginx may show the page: the seconds, and one more
        shop.server.program.send(signal.SIGSTOP)
        answers = [shop.sent(stack) for _visitor in range(3)]
        time.sleep(1)  # nginx would have sent the old page by now
        shop.server.program.send(signal.SIGCONT)
        assert all("999.00" in each.read() for each in answers)
