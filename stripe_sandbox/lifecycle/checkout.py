"""The buyer pays: the one way a session is completed, whoever presses the button."""

from dataclasses import dataclass

from stripe_sandbox.http.bounds import is_email
from stripe_sandbox.lifecycle import payments
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.payment_intents.as_json import intent_json
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import (
    Instrument,
    find_card,
    find_iban,
)
from stripe_sandbox.state import Sandbox


class FormRefused(Exception):
    """Something in the form is missing or wrong; `field` says where."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class SessionClosed(Exception):
    """The session is complete or expired."""


@dataclass(frozen=True)
class PaymentForm:
    """An IBAN is only looked at where it is the chosen `method`."""

    email: str
    card: str = ""
    iban: str = ""
    method: str = "card"


async def pay(sandbox: Sandbox, session: CheckoutSession, form: PaymentForm) -> str:
    """Completes the session and tells the shop; the address where the buyer goes next, which is the
    bank's page where that wants to see the buyer first.

    Raises `SessionClosed`, `FormRefused`, `NumberUnknown` or `PaymentDeclined`. The session is
    complete before anything is awaited, so of two presses of the button only one pays.
    """
    _refuse_if_closed(sandbox, session)
    email = (session.params.get("customer_email") or form.email).strip()
    if not is_email(email):
        raise FormRefused("Enter an e-mail address, like you@example.com.", field="email")
    if session.is_free:
        return await _complete(sandbox, session, email=email, is_paid=False)
    instrument = _instrument(session, form)
    intent = sandbox.intent_of(session) or _begin_intent(sandbox, session)
    payments.attach(sandbox, intent, instrument, {"email": email})
    payments.confirm(sandbox, intent)
    if intent.status == "requires_action":
        return str(intent.body["next_action"]["redirect_to_url"]["url"])
    return await _complete(sandbox, session, email=email, is_paid=intent.status == "succeeded")


async def authenticate(sandbox: Sandbox, session: CheckoutSession, *, succeed: bool) -> str:
    """The buyer comes from the bank's page; the address where he goes next. Raises
    `SessionClosed`."""
    _refuse_if_closed(sandbox, session)
    intent = sandbox.intent_of(session)
    if intent is None or intent.status != "requires_action":
        raise SessionClosed("This Checkout Session waits for no authentication.")
    payments.authenticate(sandbox, intent, succeed=succeed)
    if not succeed:
        return f"{sandbox.origin}/c/pay/{session.id}"
    return await _complete(sandbox, session, email=intent.email or "", is_paid=True)


def _refuse_if_closed(sandbox: Sandbox, session: CheckoutSession) -> None:
    if not sandbox.current(session).is_open:
        raise SessionClosed(f"This Checkout Session has a status of `{session.status}`.")


async def _complete(
    sandbox: Sandbox, session: CheckoutSession, *, email: str, is_paid: bool
) -> str:
    session.complete(email=email, is_paid=is_paid)
    event = sandbox.announce("checkout.session.completed", session)
    # Stripe, too, gives the shop some time to hear of the payment before the buyer is back.
    await sandbox.delivery.wait(event, seconds=sandbox.redirect_wait)
    return session.success_url


def _instrument(session: CheckoutSession, form: PaymentForm) -> Instrument:
    types = session.payment_method_types
    if form.method == "sepa_debit" and "sepa_debit" in types:
        if not form.iban.strip():
            raise FormRefused("Enter an IBAN.", field="iban")
        return find_iban(form.iban)
    if form.method not in types:
        raise FormRefused("Choose a way of paying that is offered here.", field="method")
    if not form.card.strip():
        raise FormRefused("Enter a card number.", field="card")
    return find_card(form.card)


def _begin_intent(sandbox: Sandbox, session: CheckoutSession) -> PaymentIntent:
    """Stripe makes it when the buyer first tries to pay."""
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
    payments.begin(sandbox, intent)
    return intent
