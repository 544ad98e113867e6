"""Requests byte by byte, also those that no HTTP library would send."""

import http.client
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.waiting import LIMIT_SECONDS

FRAMING = {b"content-length", b"transfer-encoding"}


@dataclass(frozen=True)
class RawRequest:
    method: bytes = b"GET"
    target: bytes = b"/"
    headers: tuple[bytes, ...] = ()  # lines; Host and Content-Length are added where they miss
    body: bytes = b""

    @property
    def names(self) -> set[bytes]:
        return {line.partition(b":")[0].lower() for line in self.headers}

    def encoded(self, host: str) -> bytes:
        lines = [b"%s %s HTTP/1.1" % (self.method, self.target), *self._own_lines(host)]
        return b"\r\n".join([*lines, b"Connection: close", b"", self.body])

    def _own_lines(self, host: str) -> Iterable[bytes]:
        if b"host" not in self.names:
            yield b"Host: " + host.encode()
        yield from self.headers
        if self.body and self.names.isdisjoint(FRAMING):
            yield b"Content-Length: %d" % len(self.body)


@dataclass(frozen=True)
class RawAnswer:
    status: int  # 0 where the server closed the connection without an answer
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def send(address: str, request: RawRequest) -> RawAnswer:
    """Send the request. The rest of a body that is longer than the sent part never comes."""
    parts = urlsplit(address)
    target = (parts.hostname or "", parts.port or 80)
    with socket.create_connection(target, timeout=LIMIT_SECONDS) as connection:
        try:
            connection.sendall(request.encoded(parts.netloc))
            if request.names & FRAMING:  # uvicorn then closes the connection
                connection.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(connection, method=request.method.decode())
            answer.begin()
            return RawAnswer(answer.status, answer.read(), tuple(answer.getheaders()))
        except (ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead):
            return RawAnswer(0)
