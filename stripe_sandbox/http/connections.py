"""The TCP connections, so that one can be cut without an answer."""

import asyncio

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}


class DroppableConnection(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _open.pop(self.client, None)
        super().connection_lost(exc)


async def drop(request: Request) -> None:
    """After this, whatever is answered to the request goes nowhere. The caller may have given up
    on a slow call and be gone already."""
    assert request.client is not None
    if request.client in _open:
        _open[request.client].abort()
    while request.client in _open:
        await asyncio.sleep(0)
