"""A stand-in for Sentry, which keeps the reports that it gets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli  # type: ignore[import-untyped]


@dataclass(frozen=True)
class Reports:
    dsn: str
    received: list[str] = field(default_factory=list)

    def errors(self) -> list[str]:
        """The reports about errors; Sentry's library also sends counts of sessions."""
        return [each for each in self.received if '"type":"event"' in each]


@contextmanager
def running_error_reports() -> Iterator[Reports]:
    reports = Reports("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reports.received.append(brotli.decompress(body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        yield Reports(f"http://key@127.0.0.1:{port}/1", reports.received)
        server.shutdown()
