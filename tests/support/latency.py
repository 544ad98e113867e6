"""How long a page takes on a connection that is kept, and on fresh ones."""

import time
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median


@dataclass(frozen=True)
class Latency:
    """Medians, in seconds."""

    kept: float
    fresh: float


def latency(host: str, path: str, count: int = 50) -> Latency:
    """Ask both in turn, so that both meet the same load of the machine."""
    kept, fresh = [], []
    connection = HTTPConnection(host, timeout=60)
    _seconds(connection, path)  # connects
    for _ in range(count):
        kept.append(_seconds(connection, path))
        fresh.append(_seconds(HTTPConnection(host, timeout=60), path, close=True))
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
