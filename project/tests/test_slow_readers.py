"""The deadline for clients to read, on a real socket."""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn

from project.slow_readers import LimitReading
from tests.support.event_loops import run

type LoopFactory = Callable[[], asyncio.AbstractEventLoop] | None

PART = b"a" * 64 * 1024
PARTS = 200  # more than the sockets' buffers hold


class Impatient(LimitReading):
    seconds_to_read = 0.5


class Patient(LimitReading):
    seconds_to_read = 2


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Answer with 13 MB: in parts, or for /whole at once and on a connection that ends then."""
    is_whole = scope["path"] == "/whole"
    headers = [(b"connection", b"close")] if is_whole else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(0 if is_whole else PARTS):
        await send({"type": "http.response.body", "body": PART, "more_body": True})
    await send({"type": "http.response.body", "body": PART * PARTS if is_whole else b""})


@pytest.fixture(params=["asyncio", "uvloop"])
def loop_factory(request: pytest.FixtureRequest) -> LoopFactory:
    return uvicorn.Config(answer, loop=request.param).get_loop_factory()


class Served:
    """A server in this process, and a client with little room for the answers."""

    def __init__(self, protocol: type[LimitReading] = Impatient) -> None:
        config = uvicorn.Config(answer, http=protocol, port=0, log_config=None, lifespan="off")
        self.server = uvicorn.Server(config)
        self.client = socket.socket()
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.client.setblocking(False)

    async def __aenter__(self) -> "Served":
        self.serving = asyncio.create_task(self.server.serve())
        while not self.server.started:
            await asyncio.sleep(0.01)
        address = self.server.servers[0].sockets[0].getsockname()
        await asyncio.get_running_loop().sock_connect(self.client, address)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.client.close()
        self.server.should_exit = True
        await self.serving

    async def ask(self, *paths: str) -> None:
        heads = "".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n" for path in paths)
        await asyncio.get_running_loop().sock_sendall(self.client, heads.encode())
        while not self.server.server_state.connections:
            await asyncio.sleep(0.01)

    async def wait_for_the_end(self) -> None:
        """Wait until the server has no connection and no unfinished response."""
        async with asyncio.timeout(30):
            while self.server.server_state.connections or self.server.server_state.tasks:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("paths", [["/"], ["/whole"], ["/", "/"]], ids=["in parts", "whole", "two"])
def test_client_that_reads_nothing_loses_its_connection(
    loop_factory: LoopFactory, caplog: pytest.LogCaptureFixture, paths: list[str]
) -> None:
    async def read_nothing() -> None:
        async with Served() as served:
            await served.ask(*paths)
            await served.wait_for_the_end()

    run(read_nothing(), loop_factory)
    assert max(record.levelno for record in caplog.records) == logging.INFO
    assert [each.name for each in caplog.records].count("project.slow_readers") == 1


@pytest.mark.parametrize("paths", [["/"], ["/", "/"]], ids=["one", "two"])
def test_client_that_leaves_ends_its_response(
    loop_factory: LoopFactory, caplog: pytest.LogCaptureFixture, paths: list[str]
) -> None:
    async def leave() -> None:
        async with Served() as served:
            await served.ask(*paths)
            served.client.close()
            await served.wait_for_the_end()

    run(leave(), loop_factory)
    assert max(record.levelno for record in caplog.records) == logging.INFO


def test_client_that_goes_on_reading_gets_everything(loop_factory: LoopFactory) -> None:
    async def read() -> int:
        loop, size = asyncio.get_running_loop(), 0
        async with Served(LimitReading) as served:  # a busy machine reads for seconds
            await served.ask("/whole")
            while part := await loop.sock_recv(served.client, 1_000_000):
                size += len(part)
        return size

    assert run(read(), loop_factory) > PARTS * len(PART)


def test_deadline_begins_again_with_each_part(loop_factory: LoopFactory) -> None:
    async def read_for_four_seconds() -> None:
        loop, size, everything = asyncio.get_running_loop(), 0, PARTS * len(PART)
        async with Served(Patient) as served:
            await served.ask("/")
            for pause in range(1, 41):
                while size < everything * pause / 40:
                    part = await loop.sock_recv(served.client, 1_000_000)
                    assert part, "the server has closed the connection"
                    size += len(part)
                await asyncio.sleep(0.1)

    run(read_for_four_seconds(), loop_factory)
