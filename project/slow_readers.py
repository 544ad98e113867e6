"""uvicorn's HTTP protocol with a deadline for clients to read, which it doesn't have."""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

logger = logging.getLogger(__name__)


class LimitReading(HttpToolsProtocol):
    """Closes the connection of a client that doesn't read a part of a response in time."""

    # A part is a page, or 64 KB of a file.
    seconds_to_read = 60.0

    unread: asyncio.TimerHandle | None = None
    running: Any = None  # the request that is being answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.set_write_buffer_limits(high=0)  # calls pause_writing for every byte that waits
        super().connection_made(transport)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.unread = self.loop.call_later(self.seconds_to_read, self.end)

    def resume_writing(self) -> None:
        self.stop_waiting()
        super().resume_writing()

    def stop_waiting(self) -> None:
        if self.unread:
            self.unread.cancel()

    def end(self) -> None:
        logger.info("a client did not read its response in time")
        self.transport.abort()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        self.stop_waiting()
        # uvicorn tells only the newest request, which waits if the client sent several at once.
        if self.running:
            self.running.disconnected = True
        super().connection_lost(exc)
