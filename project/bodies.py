"""Receive the body of a request before a thread gets it, and refuse a body that is too big.

A thread that reads from a slow client is not free for other requests. Pictures that staff upload
are the exception: Django checks the request first, and then reads the body in its thread
(project/uploads.py).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

# In bytes. deploy/Caddyfile has the same limits, and docs/deployment.md lists them.
FORM_LIMIT = 64 * 1024
EVENT_LIMIT = 1024 * 1024
UPLOAD_LIMIT = 25 * 1024 * 1024
FORM_SECONDS = 10
# A picture of 20 MB takes 160 seconds at 1 Mbit/s.
UPLOAD_SECONDS = 5 * 60
# Bodies that are in memory at the same time, and events above FORM_LIMIT among them. Stripe repeats
# an event that is refused.
MAX_BODIES = 1_000
MAX_LARGE_EVENTS = 16

WEBHOOK = "/stripe/webhook"
ADMIN = "/admin/"
UPLOADS = "/admin/store/"

# Keys of the scope for project/uploads.py: the status of a refusal, and that the body is not read.
REFUSED = "minicart.refused"
UNREAD = "minicart.unread"


class Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClientLeft(ConnectionError):
    """The connection ended before the body did."""


class ReceiveBodies:
    """ASGI middleware: `application` gets a whole body, or the status of a refusal in the scope."""

    def __init__(
        self,
        application: Application,
        *,
        form_seconds: float = FORM_SECONDS,
        upload_seconds: float = UPLOAD_SECONDS,
    ) -> None:
        self.application = application
        self.form_seconds = form_seconds
        self.upload_seconds = upload_seconds
        self.bodies = 0
        self.large_events = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not has_body(scope):
            await self.application(scope, receive, send)
            return
        is_large_event = scope["path"] == WEBHOOK and announced(scope) > FORM_LIMIT
        self.bodies += 1
        self.large_events += is_large_event
        try:
            scope, receive = await self.received(scope, receive)
            await self.application(scope, receive, send)
        except ClientLeft:
            logger.info("a client left before its request was complete")
        finally:
            self.bodies -= 1
            self.large_events -= is_large_event

    async def received(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        """Return what the application gets. Raises ClientLeft if the body ends early."""
        try:
            refuse_unread(scope)
            if is_upload(scope):
                deadline = asyncio.get_running_loop().time() + self.upload_seconds
                return {**scope, UNREAD: True}, whole_or_error(receive, deadline)
            if self.bodies > MAX_BODIES or self.large_events > MAX_LARGE_EVENTS:
                raise Refused(503)
            async with asyncio.timeout(self.form_seconds):
                # The server reads no more than was announced.
                body = await whole(receive, limit=max(announced(scope), FORM_LIMIT))
        except Refused as refusal:
            return {**with_length(scope, 0), REFUSED: refusal.status}, replay(b"")
        except TimeoutError:
            return {**with_length(scope, 0), REFUSED: 408}, replay(b"")
        return with_length(scope, len(body)), replay(body)


def header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for each, value in scope["headers"] if each == name), None)


def has_body(scope: Scope) -> bool:
    return announced(scope) > 0 or header(scope, b"transfer-encoding") is not None


def announced(scope: Scope) -> int:
    """The Content-Length; 0 for a body in chunks."""
    return int(header(scope, b"content-length") or 0)


def is_upload(scope: Scope) -> bool:
    return scope["path"].startswith(UPLOADS) and announced(scope) > FORM_LIMIT


def limit_of(scope: Scope) -> int:
    if scope["path"] == WEBHOOK:
        return EVENT_LIMIT
    if scope["path"].startswith(UPLOADS):
        return UPLOAD_LIMIT
    return FORM_LIMIT


def refuse_unread(scope: Scope) -> None:
    """Raise Refused if the headers tell that the shop can't use the body."""
    if announced(scope) > limit_of(scope):
        raise Refused(413)
    kind = (header(scope, b"content-type") or b"").strip().lower()
    if kind.startswith(b"multipart/") and not scope["path"].startswith(ADMIN):
        raise Refused(415)  # only the admin has forms with files


async def whole(receive: Receive, *, limit: int) -> bytes:
    """Return the body. Raises Refused above `limit` bytes, and ClientLeft if it ends early."""
    body = bytearray()
    is_complete = False
    while not is_complete:
        chunk, is_complete = await next_chunk(receive)
        body += chunk
        del chunk  # it would stay in memory until the next one arrives
        if len(body) > limit:
            raise Refused(413)
    return bytes(body)


async def next_chunk(receive: Receive) -> tuple[bytes, bool]:
    """Return the next part of the body, and whether it is the last. Raises ClientLeft."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientLeft
    return message.get("body", b""), not message.get("more_body", False)


def whole_or_error(receive: Receive, deadline: float) -> Receive:
    """Raise an OSError where the body ends early or late: a2wsgi takes an early end for the end."""

    async def receive_in_time() -> Message:
        async with asyncio.timeout_at(deadline):
            chunk, is_complete = await next_chunk(receive)
        return {"type": "http.request", "body": chunk, "more_body": not is_complete}

    return receive_in_time


def replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def with_length(scope: Scope, length: int) -> Scope:
    """The scope of a body that has arrived: WSGI needs its length, also of one in chunks."""
    replaced = (b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in replaced]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % length)]}
