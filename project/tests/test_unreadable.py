"""Requests that can't be read get a 4xx from a real server, and one line in its log."""

import json
from collections.abc import Iterator

import pytest

from tests.support.fuzz import Fuzz, answered, failures
from tests.support.ports import free_port
from tests.support.public_shop import (
    Server,
    collect_static_files,
    production_settings,
    running_server,
)
from tests.support.raw_http import RawAnswer, RawRequest, send

BEHIND_PROXY = (b"Host: shop.example", b"X-Forwarded-Proto: https")
FORM = b"Content-Type: application/x-www-form-urlencoded"
SESSION = b'Cookie: sessionid="aaaaaaaaaaaaaaaaaaaa\\000aaaaaaaaaaa"'
PART = b'--x\r\nContent-Disposition: form-data; name="item"\r\n\r\n1\r\n--x--\r\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    environment = production_settings(
        folder,
        ALLOWED_HOSTS="shop.example",
        BASE_URL="https://shop.example",
        PORT=str(free_port()),
        DRAIN_SECONDS="0",
    )
    collect_static_files()
    with running_server(environment, folder / "server.log") as server:
        yield server


def get(target: bytes, *headers: bytes) -> RawRequest:
    return RawRequest(target=target, headers=(*BEHIND_PROXY, *headers))


def post(target: bytes, *headers: bytes, body: bytes) -> RawRequest:
    return RawRequest(b"POST", target, (*BEHIND_PROXY, *headers), body)


def lines_about(server: Server, answer: RawAnswer) -> list[dict[str, str]]:
    lines = [json.loads(line) for line in server.program.printed().splitlines()]
    number = dict(answer.headers)["x-request-id"]
    return [line for line in lines if line["request_id"] == number]


WRONG_HOST = RawRequest(target=b"/item/1", headers=(b"Host: evil.example",))
UNREADABLE = {
    "NUL in the session cookie": get(b"/order", SESSION),
    "NUL in the session cookie of a form": post(b"/order/lines", SESSION, FORM, body=b"item=1"),
    "form in UTF-16": post(b"/order/lines", FORM + b"; charset=utf-16", body=b"item=1"),
    "form in no known encoding": post(b"/order/lines", FORM + b"; charset=x", body=b"item=1"),
    "query in bytes": get(b"/?currency=USD", b"Content-Type: text/plain; charset=hex"),
    "query in no encoding": get(b"/?currency=USD", b"Content-Type: a/b; charset=undefined"),
    "NUL in the query": get(b"/admin/cart/order/?state=%00"),
    "NUL in the charset": get(b"/", b"Content-Type: text/plain; charset*=utf-8''%00"),
    "parameter in no known encoding": get(b"/", b"Content-Type: a/b; charset*=nonsense''x"),
    "long Content-Type": get(b"/", b"Content-Type: " + b"a" * 11_000),
    "long Accept": get(b"/nothing", b"Accept: " + b"a/b;" * 3000),
    "upload in bytes": post(
        b"/admin/login/",
        b"Sec-Fetch-Site: same-origin",
        b"Content-Type: multipart/form-data; boundary=x; charset=hex",
        body=PART,
    ),
    "wrong host": get(b"/item/1", b"Host: evil.example"),
    "wrong host over http": WRONG_HOST,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_is_refused_with_a_sentence_and_one_line_in_the_log(server: Server, name: str) -> None:
    answer = send(server.address, UNREADABLE[name])
    assert answer.status == 400
    assert "What your browser sent can’t be read" in answer.body.decode()
    (line,) = lines_about(server, answer)
    assert (line["level"], line["logger"]) == ("INFO", "minicart.requests")


@pytest.mark.parametrize("charset", [b"utf-8", b'"UTF-8"', b"utf-8; a=b"])
def test_form_that_names_utf_8_is_read(server: Server, charset: bytes) -> None:
    request = post(b"/order/lines", FORM + b"; charset=" + charset, body=b"item=99")
    assert send(server.address, request).status == 404


def test_too_many_fields_of_a_query_are_a_client_error(server: Server) -> None:
    """Django counts them before any middleware where the type names a charset."""
    query = b"/?" + b"a=1&" * 2000
    assert send(server.address, get(query, FORM + b"; charset=utf-8")).status < 500
    request = post(query, FORM + b"; charset=utf-8", body=b"")
    assert send(server.address, request).status < 500


@pytest.mark.parametrize("path", [b"/media/" + b"a" * 300, b"/media/" + b"a/" * 3000])
def test_a_name_too_long_for_the_disk_is_not_found(server: Server, path: bytes) -> None:
    answer = send(server.address, get(path))
    assert answer.status == 404
    assert [line["level"] for line in lines_about(server, answer)] == ["INFO"]


@pytest.mark.parametrize("path", [b"/nothing", b"/admin/nothing"])
def test_multipart_without_boundary_is_a_client_error(server: Server, path: bytes) -> None:
    own = b"Sec-Fetch-Site: same-origin"
    request = post(path, own, b"Content-Type: multipart/form-data", body=b"x")
    assert 300 <= send(server.address, request).status < 500


def test_refused_cookie_is_deleted(server: Server) -> None:
    headers = dict(send(server.address, UNREADABLE["NUL in the session cookie"]).headers)
    assert headers["set-cookie"].startswith('sessionid=""; expires=Thu, 01 Jan 1970')


def test_sentence_is_in_the_visitors_language(server: Server) -> None:
    request = get(b"/order", SESSION, b"Accept-Language: ru")
    assert "Не удалось прочитать запрос" in send(server.address, request).body.decode()


def test_noise_below_http_is_one_line_too(server: Server) -> None:
    before = len(server.program.printed().splitlines())
    assert send(server.address, RawRequest(b"BREW")).status == 400
    (line,) = server.program.printed().splitlines()[before:]
    assert json.loads(line)["level"] == "INFO"


def test_no_random_request_is_an_error_of_the_server(server: Server) -> None:
    requests = Fuzz(seed=1).requests(150)
    ours = [RawRequest(r.method, r.target, (*BEHIND_PROXY, *r.headers), r.body) for r in requests]
    assert failures(answered(server.address, ours)) == []
    assert "ERROR" not in server.program.printed()
