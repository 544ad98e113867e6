"""A local Stripe that lies: a proxy that changes some answers of the true one."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.support import http

type Body = dict[str, Any]


@dataclass(frozen=True)
class Lie:
    """`change` changes the body of an answer in place, and may return another status."""

    method: str
    path: str  # a regular expression
    change: Callable[[Body], int | None]

    def fits(self, method: str, path: str) -> bool:
        return method == self.method and re.fullmatch(self.path, path) is not None


class LyingStripe:
    def __init__(self, truth: str, lies: list[Lie]) -> None:
        self.lies = lies
        self._client = http.Client(base_url=truth)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def _answer(self, method: str, path: str, headers: dict[str, str], sent: bytes) -> Any:
        answer = self._client.request(method, path, headers=headers, content=sent)
        status, body = answer.status_code, answer.json()
        for lie in self.lies:
            if lie.fits(method, path.partition("?")[0]):
                status = lie.change(body) or status
        return status, json.dumps(body).encode(), answer.headers

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet: two would wait for each other

            def _forward(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kept = {"authorization", "content-type", "stripe-version", "idempotency-key"}
                headers = {name: v for name, v in self.headers.items() if name.lower() in kept}
                status, body, answered = proxy._answer(self.command, self.path, headers, sent)
                self.send_response(status)
                if "idempotent-replayed" in answered:
                    self.send_header("Idempotent-Replayed", "true")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = _forward  # noqa: N815  # the names of http.server

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def lying_stripe(truth: str, *lies: Lie) -> Iterator[str]:
    """The address of a local Stripe that tells these lies."""
    stripe = LyingStripe(truth, list(lies))
    stripe.start()
    try:
        yield stripe.address
    finally:
        stripe.stop()
