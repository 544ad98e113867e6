"""A webhook address: stores all deliveries and answers with chosen statuses."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

from stripe_sandbox.tests.support.waiting import wait_until


class Delivery(NamedTuple):
    body: bytes
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


class Receiver:
    """`answers` are the statuses of the next deliveries; after these it answers 200.

    It doesn't store events whose type begins with `ignored`, because every payment has some.
    """

    def __init__(self, ignored: str = "payment_intent.") -> None:
        self.ignored = ignored
        self.deliveries: list[Delivery] = []
        self.answers: list[int] = []
        self.seconds = 0.0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/stripe/webhook"

    def __enter__(self) -> "Receiver":
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int) -> list[Delivery]:
        wait_until(lambda: len(self.deliveries) >= count)
        assert len(self.deliveries) == count
        return self.deliveries

    def take(self, delivery: Delivery) -> int:
        if self.ignored and delivery.event["type"].startswith(self.ignored):
            return 200
        time.sleep(self.seconds)
        self.deliveries.append(delivery)
        return self.answers.pop(0) if self.answers else 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                delivery = Delivery(body, self.headers["Stripe-Signature"])
                self.send_response(receiver.take(delivery))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
