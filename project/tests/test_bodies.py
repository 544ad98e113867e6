"""What the application gets of each body. tests/deployment/test_bodies.py asks a real server."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from django.urls import reverse

from project.bodies import (
    ADMIN,
    EVENT_LIMIT,
    FORM_LIMIT,
    MAX_BODIES,
    MAX_LARGE_EVENTS,
    REFUSED,
    UNREAD,
    UPLOAD_LIMIT,
    UPLOADS,
    WEBHOOK,
    ClientLeft,
    Message,
    Receive,
    ReceiveBodies,
    Scope,
    Send,
)
from tests.support.event_loops import run

FORM = "application/x-www-form-urlencoded"
MULTIPART = 'Multipart/Form-Data; boundary="b"'
LEFT: Message = {"type": "http.disconnect"}


class Shop:
    """An application that keeps what it gets."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.body = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        more = True
        while more:
            message = await receive()
            self.body += message["body"]
            more = message["more_body"]

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.scopes[0]["headers"])


def request(path: str, *, kind: str = FORM, length: int | None) -> Scope:
    size = [(b"content-length", b"%d" % length)] if length is not None else []
    chunks = [(b"transfer-encoding", b"chunked")] if length is None else []
    headers = [(b"host", b"shop.example"), (b"content-type", kind.encode()), *size, *chunks]
    return {"type": "http", "method": "POST", "path": path, "headers": headers}


LARGE_EVENT = request(WEBHOOK, length=EVENT_LIMIT)
SMALL_FORM = request("/order/lines", length=1)


def arriving(*messages: Message | bytes) -> Receive:
    """The parts of a body; after the last one, nothing arrives any more."""
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(3600)
        message = waiting.pop(0)
        if not isinstance(message, bytes):
            return message
        return {"type": "http.request", "body": message, "more_body": bool(waiting)}

    return receive


async def ignore(_message: Message) -> None:
    pass


def received(scope: Scope, receive: Receive, **seconds: float) -> Shop:
    shop = Shop()
    run(ReceiveBodies(shop, **seconds)(scope, receive, ignore))
    return shop


def parts(size: int) -> Iterable[bytes]:
    return [b"a" * min(size - start, 60_000) for start in range(0, size, 60_000)]


def test_addresses_are_those_of_the_shop() -> None:
    assert reverse("payments:receive-stripe-event") == WEBHOOK
    assert reverse("admin:index") == ADMIN
    assert reverse("admin:app_list", args=["store"]) == UPLOADS


def test_whole_body_arrives_before_the_application_is_called() -> None:
    shop = received(request("/order/lines", length=6), arriving(b"ite", b"m=1"))
    assert shop.body == b"item=1"
    assert shop.headers[b"content-length"] == b"6"


def test_body_in_chunks_gets_a_length() -> None:
    shop = received(request("/order/lines", length=None), arriving(b"item", b"=1"))
    assert shop.body == b"item=1"
    assert shop.headers[b"content-length"] == b"6"
    assert b"transfer-encoding" not in shop.headers


@pytest.mark.parametrize("length", [60_000, None])
def test_body_that_ends_early_reaches_nobody(length: int | None) -> None:
    shop = received(
        request("/order/lines", length=length),
        arriving({"type": "http.request", "body": b"item=1", "more_body": True}, LEFT),
    )
    assert shop.scopes == []


@pytest.mark.parametrize(
    ("path", "kind", "length", "status"),
    [
        ("/order/lines", FORM, FORM_LIMIT + 1, 413),
        ("/nothing", FORM, 60_000_000, 413),
        ("/administration", FORM, FORM_LIMIT + 1, 413),
        ("/admin/login/", MULTIPART, FORM_LIMIT + 1, 413),
        (WEBHOOK, "application/json", EVENT_LIMIT + 1, 413),
        ("/admin/store/item/add/", MULTIPART, UPLOAD_LIMIT + 1, 413),
        ("/order/lines", MULTIPART, 100, 415),
        (WEBHOOK, MULTIPART, 100, 415),
        ("/", MULTIPART, None, 415),
    ],
)
def test_body_that_the_shop_cant_use_is_not_read(
    path: str, kind: str, length: int | None, status: int
) -> None:
    async def receive() -> Message:
        raise AssertionError("read")

    shop = received(request(path, kind=kind, length=length), receive)
    assert shop.scopes[0][REFUSED] == status
    assert shop.body == b""
    assert shop.headers[b"content-length"] == b"0"


@pytest.mark.parametrize("path", ["/order/lines", WEBHOOK, "/admin/store/item/add/"])
def test_body_in_chunks_is_counted(path: str) -> None:
    within, above = (
        received(request(path, length=None), arriving(*parts(size)))
        for size in (FORM_LIMIT, FORM_LIMIT + 1)
    )
    assert len(within.body) == FORM_LIMIT
    assert REFUSED not in within.scopes[0]
    assert above.scopes[0][REFUSED] == 413
    assert above.body == b""


def test_body_that_arrives_too_slowly_is_refused() -> None:
    slow = arriving({"type": "http.request", "body": b"item=1", "more_body": True})
    shop = received(request("/order/lines", length=60_000), slow, form_seconds=0.01)
    assert shop.scopes[0][REFUSED] == 408
    assert shop.body == b""


def test_event_may_be_larger_than_a_form() -> None:
    shop = received(request(WEBHOOK, length=EVENT_LIMIT), arriving(*parts(EVENT_LIMIT)))
    assert len(shop.body) == EVENT_LIMIT


@pytest.mark.parametrize(
    ("first", "limit", "refused", "accepted"),
    [
        (LARGE_EVENT, MAX_LARGE_EVENTS, LARGE_EVENT, request(WEBHOOK, length=100)),
        (SMALL_FORM, MAX_BODIES, SMALL_FORM, {**SMALL_FORM, "headers": []}),
    ],
    ids=["large events", "bodies"],
)
def test_only_some_bodies_are_in_memory_at_the_same_time(
    first: Scope, limit: int, refused: Scope, accepted: Scope
) -> None:
    shop = Shop()
    bodies = ReceiveBodies(shop)

    async def ask() -> None:
        slow = [asyncio.create_task(bodies(first, arriving(), ignore)) for _ in range(limit)]
        await asyncio.sleep(0)
        await bodies(refused, arriving(b"a"), ignore)
        await bodies(accepted, arriving(b"a"), ignore)
        for each in slow:
            each.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        await bodies(refused, arriving(b"a"), ignore)

    run(ask())
    assert [scope.get(REFUSED) for scope in shop.scopes] == [503, None, None]


def test_upload_of_staff_reaches_the_application_unread() -> None:
    upload = request("/admin/store/item/add/", kind=MULTIPART, length=FORM_LIMIT + 1)
    shop = received(upload, arriving(*parts(FORM_LIMIT + 1)))
    assert shop.scopes[0][UNREAD]
    assert len(shop.body) == FORM_LIMIT + 1


@pytest.mark.parametrize(("message", "error"), [([LEFT], ClientLeft), ([], TimeoutError)])
def test_upload_that_ends_early_or_late_is_an_error_in_the_application(
    message: list[Message], error: type[OSError]
) -> None:
    async def upload(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(error) as raised:
            await receive()
        assert isinstance(raised.value, OSError)
        seen.append(scope)

    seen: list[Any] = []
    scope = request("/admin/store/item/add/", kind=MULTIPART, length=FORM_LIMIT + 1)
    bodies = ReceiveBodies(upload, upload_seconds=0.01)
    run(bodies(scope, arriving(*message), ignore))
    assert len(seen) == 1


def test_request_without_a_body_passes() -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"x")]}
    assert received(scope, arriving(b"")).scopes == [scope]
