"""The buyer pays a Checkout Session, on the payment page or through the control address."""

from dataclasses import dataclass
from typing import Any

from stripe_sandbox.http.bounds import is_email
from stripe_sandbox.lifecycle import payments
from stripe_sandbox.resources.addresses import Recipient
from stripe_sandbox.resources.checkout.collection import (
    Collected,
    allowed_countries,
    asks_for_phone,
    asks_for_tax_id,
    asks_for_terms,
)
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.payment_intents.as_json import intent_json
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import (
    AWAITED,
    Instrument,
    awaited_instrument,
    find_card,
    find_iban,
)
from stripe_sandbox.state import Sandbox
from stripe_sandbox.webhooks.events import Event

MISSING = {
    "name": "Enter the name of the recipient.",
    "line1": "Enter an address.",
    "city": "Enter a city.",
    "postal_code": "Enter a postal code.",
    "state": "Enter a state or province.",
}


class FormError(Exception):
    """A field of the form is missing or wrong; `field` is its name."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class SessionClosed(Exception):
    """The session is complete or expired."""


@dataclass(frozen=True)
class PaymentForm:
    """What the buyer entered. The IBAN counts only if `method` is "sepa_debit"."""

    email: str
    card: str = ""
    iban: str = ""
    method: str = "card"
    phone: str = ""
    tax_id: str = ""
    accepts_terms: bool = False
    recipient: Recipient = Recipient()


async def pay(sandbox: Sandbox, session: CheckoutSession, form: PaymentForm) -> str:
    """Pay and complete the session. Return the buyer's next address: of the shop, or of the page
    for 3-D Secure, in which case the session isn't complete yet.

    Raises `SessionClosed`, `FormError`, `UnknownNumber` or `PaymentDeclined`. Nothing is awaited
    before the session is complete, so that a double click pays only once.
    """
    _require_open(sandbox, session)
    email = (session.params.get("customer_email") or form.email).strip()
    if not is_email(email):
        raise FormError("Enter an e-mail address, like you@example.com.", field="email")
    session.collected = _collected(session, form)
    if session.is_free:
        return await _complete(sandbox, session, email=email, is_paid=False)
    instrument = _instrument(session, form)
    intent = begin_attempt(sandbox, session, instrument, email=email)
    payments.confirm(sandbox, intent)
    if intent.needs_authentication:
        return str(intent.body["next_action"]["redirect_to_url"]["url"])
    return await _complete(sandbox, session, email=email, is_paid=intent.status == "succeeded")


async def authenticate(sandbox: Sandbox, session: CheckoutSession, *, succeed: bool) -> str:
    """Finish 3-D Secure and complete the session if it succeeded. Return the buyer's next address.

    Raises `SessionClosed`, also if the session doesn't need authentication.
    """
    _require_open(sandbox, session)
    intent = sandbox.intent_of(session)
    if intent is None or not intent.needs_authentication:
        raise SessionClosed("This Checkout Session doesn't need authentication.")
    payments.authenticate(sandbox, intent, succeed=succeed)
    if not succeed:
        return f"{sandbox.origin}/c/pay/{session.id}"
    return await _complete(sandbox, session, email=intent.email or "", is_paid=True)


def _collected(session: CheckoutSession, form: PaymentForm) -> Collected:
    """What the session asked for. Raises `FormError`."""
    params, phone, tax_id = session.params, "", ""
    if asks_for_phone(params):
        phone = form.phone.strip()
        if not phone:
            raise FormError("Enter a phone number.", field="phone")
    if asks_for_tax_id(params):
        tax_id = form.tax_id.strip()
    if asks_for_terms(params) and not form.accepts_terms:
        raise FormError("Accept the terms of service to go on.", field="accepts_terms")
    recipient = check_recipient(session, form.recipient)
    return Collected(phone, tax_id, asks_for_terms(params), recipient)


def check_recipient(session: CheckoutSession, typed: Recipient) -> Recipient | None:
    """The recipient, None if the session asks for no address.

    Raises `FormError` if a field is missing, or the shop doesn't send to the country.
    """
    allowed = allowed_countries(session.params)
    if not allowed:
        return None
    typed = Recipient(**{name: text.strip() for name, text in vars(typed).items()})
    if typed.country not in allowed:
        raise FormError("Choose a country to which the shop sends.", field="country")
    for name in typed.missing():
        raise FormError(MISSING[name], field=name)
    return typed


def _require_open(sandbox: Sandbox, session: CheckoutSession) -> None:
    if not sandbox.current(session).is_open:
        raise SessionClosed(f"This Checkout Session has a status of `{session.status}`.")


def complete(sandbox: Sandbox, session: CheckoutSession, *, email: str, is_paid: bool) -> Event:
    """Complete the session. Return the event that tells the shop."""
    session.complete(email=email, is_paid=is_paid)
    return sandbox.emit_session("checkout.session.completed", session)


async def _complete(
    sandbox: Sandbox, session: CheckoutSession, *, email: str, is_paid: bool
) -> str:
    event = complete(sandbox, session, email=email, is_paid=is_paid)
    # Like Stripe, give the shop some time to receive the event before the buyer returns.
    await sandbox.delivery.wait(event, seconds=sandbox.redirect_wait)
    return session.success_url


def _instrument(session: CheckoutSession, form: PaymentForm) -> Instrument:
    types = session.payment_method_types
    if form.method == "sepa_debit" and "sepa_debit" in types:
        if not form.iban.strip():
            raise FormError("Enter an IBAN.", field="iban")
        return find_iban(form.iban)
    if form.method not in types:
        raise FormError("Choose one of the payment methods.", field="method")
    if form.method in AWAITED:
        return awaited_instrument(form.method)
    if not form.card.strip():
        raise FormError("Enter a card number.", field="card")
    return find_card(form.card)


def begin_attempt(
    sandbox: Sandbox, session: CheckoutSession, instrument: Instrument, *, email: str
) -> PaymentIntent:
    """The session's intent, with the payment method and the address that the buyer chose now."""
    intent = sandbox.intent_of(session) or _begin_intent(sandbox, session)
    recipient = session.collected.recipient
    billing: dict[str, Any] = {"email": email}
    if recipient is not None:
        address = recipient.address_json()
        billing |= {"address": address, "name": recipient.name}
        intent.ship_to({"address": address, "name": recipient.name})
    payments.attach(sandbox, intent, instrument, billing)
    return intent


def _begin_intent(sandbox: Sandbox, session: CheckoutSession) -> PaymentIntent:
    """Like Stripe, create the intent when the buyer first tries to pay."""
    body = intent_json(
        session.params.get("payment_intent_data", {}),
        amount=session.totals.total,
        currency=session.totals.currency,
        types=session.payment_method_types,
        automatic=None,
        now=sandbox.now(),
    )
    intent = PaymentIntent(
        session.account, body, session=session.id, return_url=session.success_url
    )
    session.payment_intent = intent.id
    payments.add_intent(sandbox, intent)
    return intent
