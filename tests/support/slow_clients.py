"""Clients that write their requests byte by byte, with HTTP/1.1 and HTTP/2 over TLS."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from tests.support.public_shop import PublicShop
from tests.support.waiting import LIMIT_SECONDS

SECONDS_BETWEEN_BYTES = 5
BODY_BYTES = 60_000
# Frames of HTTP/2: https://www.rfc-editor.org/rfc/rfc9113#section-6
DATA, HEADERS, SETTINGS = 0, 1, 4
ACKNOWLEDGED, END_HEADERS = 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
STREAMS = range(1, 400, 2)  # a client's streams have odd numbers


@dataclass(frozen=True)
class SlowClients:
    plain: list[ssl.SSLSocket]
    multiplexed: list[ssl.SSLSocket]

    def open_requests(self, shop: PublicShop) -> None:
        """Half of the HTTP/1.1 clients have begun a header, and all others a body."""
        for number, connection in enumerate(self.plain):
            head = request_head(shop, "POST", "/order/lines", Content_Length=BODY_BYTES)
            connection.sendall(head[:-4] if number % 2 else head)
        fields = header_block(shop, "POST", "/order/lines", Content_Length=BODY_BYTES)
        for connection in self.multiplexed:
            connection.sendall(PREFACE + frame(SETTINGS) + frame(SETTINGS, ACKNOWLEDGED))
            for stream in STREAMS:
                connection.sendall(frame(HEADERS, END_HEADERS, stream, fields))

    def send_a_byte(self) -> None:
        for connection in self.plain:
            with contextlib.suppress(OSError):  # the proxy has closed it
                connection.sendall(b"a")
        for connection in self.multiplexed:
            with contextlib.suppress(OSError):
                connection.sendall(b"".join(frame(DATA, 0, stream, b"a") for stream in STREAMS))

    def wait_until_ended(self) -> None:
        """Wait for the end or an answer of every request."""
        for connection in self.plain:
            connection.recv(1)
        for connection in self.multiplexed:
            answered: set[int] = set()
            while len(answered) < len(STREAMS):
                kind, stream = read_frame(connection)
                answered |= {stream} if kind == HEADERS else set()


@contextmanager
def slow_clients(shop: PublicShop, plain: int, multiplexed: int) -> Iterator[SlowClients]:
    """Clients that send a byte every few seconds until the block ends."""
    done = Event()

    def trickle() -> None:
        while not done.wait(SECONDS_BETWEEN_BYTES):
            clients.send_a_byte()

    with ExitStack() as stack:
        clients = SlowClients(
            [stack.enter_context(connect(shop)) for _ in range(plain)],
            [stack.enter_context(connect(shop, "h2")) for _ in range(multiplexed)],
        )
        clients.open_requests(shop)
        thread = Thread(target=trickle)
        thread.start()
        try:
            yield clients
        finally:
            done.set()
            thread.join()


def connect(shop: PublicShop, protocol: str = "http/1.1") -> ssl.SSLSocket:
    context = shop.certificates
    context.set_alpn_protocols([protocol])
    connection = socket.create_connection(("localhost", shop.port), LIMIT_SECONDS)
    return context.wrap_socket(connection, server_hostname="localhost")


def request_head(shop: PublicShop, method: str, path: str, **headers: object) -> bytes:
    """The first lines of a request with HTTP/1.1; Content_Length is the header Content-Length."""
    fields = {
        "Host": f"localhost:{shop.port}",
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
    return "\r\n".join([*lines, "", ""]).encode()


def answer_to(shop: PublicShop, request: bytes) -> bytes:
    """The whole answer, or nothing if the connection ends without one."""
    with connect(shop) as connection:
        connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
    return answer


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def header_block(shop: PublicShop, method: str, path: str, **headers: object) -> bytes:
    """The headers of a request with HTTP/2, each with its name and uncompressed."""
    fields = {
        ":method": method,
        ":path": path,
        ":scheme": "https",
        ":authority": f"localhost:{shop.port}",
        **{name.replace("_", "-").lower(): str(value) for name, value in headers.items()},
    }
    return b"".join(
        bytes([0, len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
        for name, value in fields.items()
    )


def read_frame(connection: ssl.SSLSocket) -> tuple[int, int]:
    """The kind and the stream of the next frame."""
    head = read_exactly(connection, 9)
    read_exactly(connection, int.from_bytes(head[:3]))
    return head[3], int.from_bytes(head[5:])


def read_exactly(connection: ssl.SSLSocket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        part = connection.recv(size - len(read))
        assert part, "the proxy has closed the connection"
        read += part
    return read
