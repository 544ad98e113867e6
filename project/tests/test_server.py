"""What the public server does with its socket. tests/deployment/test_server.py starts one."""

import asyncio
import socket

import pytest
import uvicorn

from project.server import listening_socket
from tests.support.event_loops import run


class Accepted(asyncio.Protocol):
    """Asks each connection that the server accepts for TCP_NODELAY."""

    def __init__(self, answer: asyncio.Future[int]) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        accepted = transport.get_extra_info("socket")
        self.answer.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_accepted_connections_send_without_delay(loop: str) -> None:
    pytest.importorskip("uvloop" if loop == "uvloop" else "asyncio")
    config = uvicorn.Config("project.asgi:application", port=0, loop=loop, log_config=None)

    async def ask() -> int:
        answer = asyncio.get_running_loop().create_future()
        server = await asyncio.get_running_loop().create_server(
            lambda: Accepted(answer), sock=listening_socket(config)
        )
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            option: int = await answer
            writer.close()
            await writer.wait_closed()
        return option

    assert run(ask(), config.get_loop_factory()) != 0
