"""How long a page takes on a connection that is kept, and on fresh ones."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPSConnection
from statistics import median


@dataclass(frozen=True)
class Latency:
    """Medians, in seconds."""

    kept: float
    fresh: float


def latency(
    host: str, path: str, count: int = 50, certificates: ssl.SSLContext | None = None
) -> Latency:
    """Ask both in turn, so that both meet the same load of the machine. Certificates mean https."""
    connect: Callable[[], HTTPConnection] = partial(HTTPConnection, host, timeout=60)
    if certificates:
        connect = partial(HTTPSConnection, host, timeout=60, context=certificates)
    kept, fresh = [], []
    connection = connect()
    _seconds(connection, path)  # connects
    for _ in range(count):
        kept.append(_seconds(connection, path))
        fresh.append(_seconds(connect(), path, close=True))
    connection.close()
    return Latency(median(kept), median(fresh))


def _seconds(connection: HTTPConnection, path: str, *, close: bool = False) -> float:
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - start
    assert answer.status == 200
    if close:
        connection.close()
    return seconds
