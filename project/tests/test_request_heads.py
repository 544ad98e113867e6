"""The size of request heads, on a real socket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from project.request_heads import HEAD_LIMIT, LimitHeads
from tests.support.event_loops import run


async def answer_with_size(_scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
    """Answer with the size of the body."""
    size, is_complete = 0, False
    while not is_complete:
        message = await receive()
        size += len(message.get("body", b""))
        is_complete = not message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d bytes" % size})


def answers_to(*requests: bytes) -> bytes:
    """What the server sends on one connection, until it closes it or has answered all requests."""

    async def talk() -> bytes:
        config = uvicorn.Config(answer_with_size, http=LimitHeads, port=0, log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        address = server.servers[0].sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address)
        answers = b""
        for request in requests:
            writer.write(request)
            answers += await reader.read(10_000)
        writer.close()
        server.should_exit = True
        await serving
        return answers

    return run(talk())


def request_with(header: bytes, body: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\nX: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        header,
        len(body),
        body,
    )


@pytest.mark.parametrize(
    "head",
    [
        request_with(b"a" * 2 * HEAD_LIMIT).removesuffix(b"\r\n\r\n"),
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * HEAD_LIMIT,
        b"GET /" + b"a" * 2 * HEAD_LIMIT,
    ],
    ids=["one header", "many headers", "the address"],
)
def test_a_head_without_an_end_is_refused(head: bytes) -> None:
    answer = answers_to(head)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"too large" in answer


def test_large_heads_and_bodies_within_the_limits_arrive() -> None:
    long_header, long_body = b"a" * (HEAD_LIMIT // 2), b"b" * 4 * HEAD_LIMIT
    answers = answers_to(request_with(long_header), request_with(long_header, long_body))
    assert b"\n0 bytes" in answers
    assert b"%d bytes" % len(long_body) in answers
