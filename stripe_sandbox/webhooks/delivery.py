"""Delivers events to the shop: signed, and again until the shop answers 2xx."""

import asyncio
import ssl
import time
from contextlib import suppress

import httpx
from stripe import WebhookSignature

from stripe_sandbox.faults.events import EventFault
from stripe_sandbox.webhooks.events import Attempt, Event

RETRY_DELAYS = (0.5, 1, 2, 5, 10, 30)  # seconds
RESPONSE_TIMEOUT = 20  # seconds


class EventDelivery:
    """Delivers events in the background. Without a `webhook_url`, or with `webhooks` off, none."""

    def __init__(self, webhook_url: str | None) -> None:
        self.webhook_url = webhook_url
        self.webhooks = True
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # For each account, the gate of the event that waits until the next one is delivered.
        self._held: dict[str, asyncio.Event] = {}
        self._client: httpx.AsyncClient | None = None

    @property
    def is_on(self) -> bool:
        return self.webhook_url is not None and self.webhooks

    def send(self, event: Event, fault: EventFault | None = None) -> None:
        """Start to deliver the event."""
        event.fault = None if fault is None else fault.fault
        if not self.is_on or event.fault == "never":
            return
        overtaken = self._held.pop(event.account, None)
        gate = None
        if event.fault == "out_of_order" and overtaken is None:
            gate = self._held[event.account] = asyncio.Event()
        task = asyncio.create_task(
            self._deliver_with_fault(event, fault, gate=gate, overtaken=overtaken)
        )
        self._tasks[event.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(event.id, None))

    async def wait(self, event: Event, *, seconds: float) -> None:
        """Wait until the event is acknowledged or given up, but no longer than `seconds`."""
        task = self._tasks.get(event.id)
        if task is None or event.fault == "after_redirect":
            return
        if event.fault == "before_redirect":
            seconds = max(seconds, RESPONSE_TIMEOUT)
        await asyncio.wait([task], timeout=seconds)

    async def deliver(self, event: Event, *, secret: str | None = None) -> Attempt:
        """Make one attempt. The signature has the real time even if `clock_ahead` is set."""
        assert self.webhook_url is not None
        payload = event.payload()
        secret = secret or f"whsec_{event.account}"
        signature = WebhookSignature.generate_signature_header(payload, secret)
        attempt = await self._post(self.webhook_url, payload, signature)
        event.attempts.append(attempt)
        return attempt

    async def close(self) -> None:
        """Cancel all deliveries."""
        for task in list(self._tasks.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _deliver_with_fault(
        self,
        event: Event,
        fault: EventFault | None,
        *,
        gate: asyncio.Event | None,
        overtaken: asyncio.Event | None,
    ) -> None:
        if gate is not None:
            await self._hold(event, gate, seconds=fault.delay if fault else 0)
        elif fault is not None and fault.fault in ("late", "after_redirect"):
            await asyncio.sleep(fault.delay)
        times = 2 if event.fault == "duplicate" else 1
        deliveries = (self._deliver_until_acknowledged(event, overtaken) for _ in range(times))
        await asyncio.gather(*deliveries)

    async def _hold(self, event: Event, gate: asyncio.Event, *, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(gate.wait(), seconds)
        if self._held.get(event.account) is gate:
            del self._held[event.account]

    async def _deliver_until_acknowledged(
        self, event: Event, overtaken: asyncio.Event | None
    ) -> None:
        secret = "whsec_wrong" if event.fault == "wrong_secret" else None
        for delay in (0, *RETRY_DELAYS):
            await asyncio.sleep(delay)
            if self.webhook_url is None:
                return
            attempt = await self.deliver(event, secret=secret)
            if overtaken is not None:
                overtaken.set()
            if attempt.was_acknowledged:
                return

    async def _post(self, url: str, payload: str, signature: str) -> Attempt:
        if self._client is None:
            # Without trust_env, which would also use a proxy, httpx ignores SSL_CERT_FILE.
            certificates = ssl.create_default_context()
            self._client = httpx.AsyncClient(
                timeout=RESPONSE_TIMEOUT, trust_env=False, verify=certificates
            )
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
