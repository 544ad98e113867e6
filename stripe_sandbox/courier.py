"""Carries events to the shop: signed, and again until the shop answers 2xx."""

import asyncio
import time
from contextlib import suppress

import httpx
from stripe import WebhookSignature

from stripe_sandbox.events import Attempt, Event

PAUSES = (0.5, 1, 2, 5, 10, 30)
PATIENCE = 20  # seconds for one answer


class Courier:
    """With no `webhook_url`, or `webhooks` off, events stay here."""

    def __init__(self, webhook_url: str | None) -> None:
        self.webhook_url = webhook_url
        self.webhooks = True
        self._rounds: dict[str, asyncio.Task[None]] = {}
        self._client: httpx.AsyncClient | None = None

    def send(self, event: Event) -> None:
        if self.webhook_url is None or not self.webhooks:
            return
        task = asyncio.create_task(self._deliver_until_acknowledged(event))
        self._rounds[event.id] = task
        task.add_done_callback(lambda _: self._rounds.pop(event.id, None))

    async def wait(self, event: Event, *, seconds: float) -> None:
        """Until the event is acknowledged or given up, but no longer than `seconds`."""
        task = self._rounds.get(event.id)
        if task is not None:
            await asyncio.wait([task], timeout=seconds)

    async def deliver(self, event: Event) -> Attempt:
        """One attempt, signed now; the signature carries the true time whatever the clock says."""
        assert self.webhook_url is not None
        payload = event.payload()
        signature = WebhookSignature.generate_signature_header(payload, f"whsec_{event.account}")
        attempt = await self._post(self.webhook_url, payload, signature)
        event.attempts.append(attempt)
        return attempt

    async def close(self) -> None:
        for task in list(self._rounds.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _deliver_until_acknowledged(self, event: Event) -> None:
        for pause in (0, *PAUSES):
            await asyncio.sleep(pause)
            if self.webhook_url is None or (await self.deliver(event)).was_acknowledged:
                return

    async def _post(self, url: str, payload: str, signature: str) -> Attempt:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "Local-Stripe/1.0",
        }
        at, begun = time.time(), time.monotonic()
        status, error = None, None
        try:
            answer = await self._client.post(url, content=payload, headers=headers)
            status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            error = f"{type(problem).__name__}: {problem}"
        return Attempt(url, at, round(time.monotonic() - begun, 3), status, error)
