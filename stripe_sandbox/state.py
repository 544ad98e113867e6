"""The state of the local Stripe. It is in memory only, so a restart loses it."""

import heapq
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from stripe_sandbox.faults.calls import CallFault
from stripe_sandbox.faults.events import EventFault, next_event_fault
from stripe_sandbox.fields.checking import report
from stripe_sandbox.http.idempotency import IdempotencyStore
from stripe_sandbox.money.rounding import Rounding
from stripe_sandbox.resources.checkout.as_json import session_json
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.coupons import Coupon
from stripe_sandbox.resources.payment_intents.payment_intents import CANCELABLE, PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import Instrument
from stripe_sandbox.resources.tax_rates import TaxRate
from stripe_sandbox.webhooks.delivery import EventDelivery
from stripe_sandbox.webhooks.events import NO_REQUEST, Cause, Event, changed

type ByCharge = defaultdict[str, dict[str, dict[str, Any]]]


@dataclass
class Account:
    """The objects of one account: of `sk_test_<name>`, `pk_test_<name>` and `whsec_<name>`."""

    name: str
    sessions: dict[str, CheckoutSession] = field(default_factory=dict)
    intents: dict[str, PaymentIntent] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    coupons: dict[str, Coupon] = field(default_factory=dict)
    tax_rates: dict[str, TaxRate] = field(default_factory=dict)
    # The JSON of payment intents, payment methods, charges and products, by id.
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    # What the payment methods that a call has made stand for, by their id.
    instruments: dict[str, Instrument] = field(default_factory=dict)
    # The JSON of refunds and disputes by id, and by the id of their charge and their own id.
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds_of: ByCharge = field(default_factory=lambda: defaultdict(dict))
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    disputes_of: ByCharge = field(default_factory=lambda: defaultdict(dict))
    fraud_warnings: dict[str, dict[str, Any]] = field(default_factory=dict)
    idempotency: IdempotencyStore = field(default_factory=IdempotencyStore)


@dataclass
class RequestRecord:
    """An API call, for the control address. `at` is a timestamp."""

    id: str
    method: str
    path: str
    at: float
    source_port: int | None
    headers: dict[str, str | None]
    account: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    status: int | None = None  # None while it runs, and if the connection was dropped
    error: dict[str, Any] | None = None
    replayed: bool = False
    seconds: float | None = None


class Sandbox:
    """All accounts, the configuration, the clock and the events."""

    def __init__(self, *, origin: str, webhook_url: str | None = None) -> None:
        self.origin = origin
        self.delivery = EventDelivery(webhook_url)
        self._initial_webhook_url = webhook_url
        self._clear()

    def _clear(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.requests: deque[RequestRecord] = deque(maxlen=20_000)
        self.faults: list[CallFault] = []
        self.event_faults: list[EventFault] = []
        self.reseed(0)
        self.outage: str | None = None
        self.outage_seconds = 30.0
        self.refunds = "succeed"
        self.processing: dict[str, PaymentIntent] = {}  # the bank hasn't answered yet
        self.awaited: dict[str, PaymentIntent] = {}  # vouchers and bank transfers
        self._expiring: list[tuple[int, str, CheckoutSession]] = []
        self.latency = 0.0
        self.redirect_wait = 10.0
        self.delayed_seconds: float | None = 10.0
        self.clock_ahead = 0
        self.permissions: list[str] = []  # of all restricted keys
        self.tax_rounding = "line"
        self.percent_rounding = "sum"
        self.terms_url: str | None = None  # of the Dashboard's public business information

    async def reset(self) -> None:
        """Remove all objects and restore the configuration of the start."""
        await self.delivery.close()
        self.delivery = EventDelivery(self._initial_webhook_url)
        self._clear()

    @property
    def rounding(self) -> Rounding:
        return Rounding(tax=self.tax_rounding, percent=self.percent_rounding)

    def reseed(self, seed: int) -> None:
        """Start the random faults anew. Calls and events have separate generators, so that the
        number of calls doesn't change the faults of events."""
        self.seed = seed
        # Not a secret: the same seed must give the same faults.
        self.call_random, self.event_random = Random(seed), Random(seed)  # noqa: S311

    def now(self) -> int:
        """The timestamp, `clock_ahead` included."""
        return int(time.time()) + self.clock_ahead

    def account(self, name: str) -> Account:
        """The account of that name, created if there is none yet."""
        return self.accounts.setdefault(name, Account(name))

    def sessions(self) -> Iterator[CheckoutSession]:
        for account in self.accounts.values():
            yield from account.sessions.values()

    def events(self) -> Iterator[Event]:
        for account in self.accounts.values():
            yield from account.events.values()

    def intents(self) -> Iterator[PaymentIntent]:
        for account in self.accounts.values():
            yield from account.intents.values()

    def add_session(self, session: CheckoutSession) -> None:
        self.account(session.account).sessions[session.id] = session
        heapq.heappush(self._expiring, (session.expires_at, session.id, session))

    def find_session(self, session_id: str) -> CheckoutSession | None:
        """Find a session of any account, because the payment page has no key."""
        holders = (each for each in self.accounts.values() if session_id in each.sessions)
        holder = next(holders, None)
        return None if holder is None else self.current(holder.sessions[session_id])

    def find_event(self, event_id: str) -> Event | None:
        found = (each.events.get(event_id) for each in self.accounts.values())
        return next((each for each in found if each is not None), None)

    def find_intent(self, intent_id: str) -> PaymentIntent | None:
        found = (each.intents.get(intent_id) for each in self.accounts.values())
        return next((each for each in found if each is not None), None)

    def current(self, session: CheckoutSession) -> CheckoutSession:
        """The session, expired first if its time has passed."""
        if session.is_due(self.now()):
            self.expire(session)
        return session

    def expire(self, session: CheckoutSession, cause: Cause = NO_REQUEST) -> None:
        """Expire a session and cancel its payment intent. Raises `StripeError` if it isn't open."""
        session.expire()
        intent = self.intent_of(session)
        if intent is not None and intent.status in CANCELABLE:
            intent.cancel("expired", now=self.now())
            self.emit(session.account, "payment_intent.canceled", intent.body, cause)
        self.emit_session("checkout.session.expired", session, cause)

    def intent_of(self, session: CheckoutSession) -> PaymentIntent | None:
        return self.account(session.account).intents.get(session.payment_intent or "")

    def expire_overdue(self) -> None:
        """Expire all sessions whose time has passed."""
        while self._expiring and self._expiring[0][0] <= self.now():
            self.current(heapq.heappop(self._expiring)[2])

    def session_json(self, session: CheckoutSession) -> dict[str, Any]:
        return session_json(session, origin=self.origin)

    def emit_session(self, kind: str, session: CheckoutSession, cause: Cause = NO_REQUEST) -> Event:
        return self.emit(session.account, kind, self.session_json(session), cause)

    def emit(
        self,
        account: str,
        kind: str,
        subject: dict[str, Any],
        cause: Cause = NO_REQUEST,
        *,
        before: dict[str, Any] | None = None,
    ) -> Event:
        """Store an event with a copy of `subject`, and deliver it.

        An update needs the JSON from `before` it, for `previous_attributes`.
        """
        event = Event(account, kind, deepcopy(subject), self.now(), cause)
        event.previous = None if before is None else changed(before, subject)
        report(kind, event.as_json())
        fault = None
        if self.delivery.is_on:
            fault = next_event_fault(self.event_faults, self.event_random, kind=kind)
        events = [event]
        if fault is not None and fault.fault == "duplicate_id":
            events.append(event.duplicate())
        for each in events:
            self.account(account).events[each.id] = each
            self.delivery.send(each, fault)
        return event
