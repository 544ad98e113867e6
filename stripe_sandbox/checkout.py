"""The buyer pays: the one way a session is completed, whoever presses the button."""

from dataclasses import dataclass

from stripe_sandbox.payments import charge_card
from stripe_sandbox.session_rules import is_email
from stripe_sandbox.sessions import CheckoutSession
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
    email: str
    card: str = ""


async def pay(sandbox: Sandbox, session: CheckoutSession, form: PaymentForm) -> str:
    """Completes the session and tells the shop; the address where the buyer goes next.

    Raises `SessionClosed`, `FormRefused`, `CardUnknown` or `CardDeclined`. The session is complete
    before anything is awaited, so of two presses of the button only one pays.
    """
    if not sandbox.current(session).is_open:
        raise SessionClosed(f"This Checkout Session has a status of `{session.status}`.")
    email = (session.params.get("customer_email") or form.email).strip()
    if not is_email(email):
        raise FormRefused("Enter an e-mail address, like you@example.com.", field="email")
    intent = None if session.is_free else _charge(sandbox, session, form.card, email)
    session.complete(email=email, payment_intent=intent)
    event = sandbox.announce("checkout.session.completed", session)
    # Stripe, too, gives the shop some time to hear of the payment before the buyer is back.
    await sandbox.courier.wait(event, seconds=sandbox.redirect_wait)
    return session.success_url


def _charge(sandbox: Sandbox, session: CheckoutSession, card: str, email: str) -> str:
    if not card.strip():
        raise FormRefused("Enter a card number.", field="card")
    payment = charge_card(session, card=card, email=email, now=sandbox.now())
    objects = sandbox.account(session.account).objects
    objects[payment.charge["id"]] = payment.charge
    objects[payment.intent["id"]] = payment.intent
    return str(payment.intent["id"])
