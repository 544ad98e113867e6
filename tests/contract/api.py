"""Calls of Stripe's API over HTTP, at most so many a second."""

import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Self

import httpx
import stripe

from tests.contract.keys import Keys
from tests.contract.steps import Body, Form, encode
from tests.support import http

STRIPE = "https://api.stripe.com"
CALLS_PER_SECOND = 10
# Stripe refuses calls for a moment when several programs use the account.
ATTEMPTS, SECONDS_BETWEEN_ATTEMPTS = 5, 2.0


class LiveMode(Exception):
    """An answer is about real money."""


@dataclass(frozen=True)
class Answer:
    """`status` is 0 if none came. `is_replayed`: Stripe repeats the answer to an earlier call."""

    status: int
    body: Body
    is_replayed: bool = False


@dataclass
class Api:
    """Stripe, or a local Stripe, with the keys of an account."""

    address: str
    keys: Keys
    clock_ahead: float = 0  # seconds by which the server's clock is ahead of this machine's
    calls: list[float] = field(default_factory=list)  # when each call began
    _client: httpx.Client = field(default_factory=http.Client)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def is_stripe(self) -> bool:
        return self.address == STRIPE

    def now(self) -> int:
        """The time by the server's clock, which Stripe judges timestamps by."""
        return int(time.time() + self.clock_ahead)

    def call(
        self,
        method: str,
        path: str,
        form: Form | None = None,
        *,
        key: str = "secret",
        idempotency_key: str = "",
    ) -> Answer:
        """Raises `LiveMode` if the answer is about real money."""
        headers = self.keys.header(key) | {"Stripe-Version": str(stripe.api_version)}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        pairs = encode(form or {})
        in_body = method == "POST"
        request = self._client.build_request(
            method,
            self.address + path,
            params=None if in_body else dict(pairs),
            data=dict(pairs) if in_body else None,
            headers=headers,
        )
        return self._send(request)

    def _send(self, request: httpx.Request) -> Answer:
        for _attempt in range(ATTEMPTS):
            self._keep_pace()
            try:
                response = self._client.send(request)
                break_off = response.status_code != httpx.codes.TOO_MANY_REQUESTS
            except httpx.TransportError as error:
                problem = {"type": "no_answer", "message": type(error).__name__}
                return Answer(0, {"error": problem})
            if break_off:
                break
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)
        return self._answer(response)

    def _answer(self, response: httpx.Response) -> Answer:
        if "date" in response.headers:
            sent_at = parsedate_to_datetime(response.headers["date"]).timestamp()
            self.clock_ahead = sent_at - time.time()
        try:
            body = response.json()
        except ValueError:
            body = {"error": {"type": "no_json", "message": response.text[:200]}}
        if isinstance(body, dict) and body.get("livemode") is True:
            raise LiveMode(f"{response.request.method} {response.request.url.path}")
        return Answer(response.status_code, body, "idempotent-replayed" in response.headers)

    def _keep_pace(self) -> None:
        """Wait, except on this machine, until one more call is allowed."""
        if self.calls and self.is_stripe:
            time.sleep(max(0.0, self.calls[-1] + 1 / CALLS_PER_SECOND - time.monotonic()))
        self.calls.append(time.monotonic())
