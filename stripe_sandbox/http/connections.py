"""The open TCP connections, so that a fault can cut one without an answer."""

import asyncio

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}


class DroppableConnection(H11Protocol):
    """Registers its transport for `drop`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _open.pop(self.client, None)
        super().connection_lost(exc)


async def drop(request: Request) -> None:
    """Cut the connection of the request; its answer is lost.

    The client may have closed the connection already, after a timeout.
    """
    assert request.client is not None
    if request.client in _open:
        _open[request.client].abort()
    while request.client in _open:
        await asyncio.sleep(0)
