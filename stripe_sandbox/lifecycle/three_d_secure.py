"""3-D Secure: the buyer authenticates with the bank, or fails to, and goes back to the shop."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from stripe_sandbox.lifecycle import checkout, payments
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.state import Sandbox

# The values of `redirect_status`, by the status of the PaymentIntent.
REDIRECT_STATUS = {"succeeded": "succeeded", "processing": "pending"}


async def authenticate(sandbox: Sandbox, intent: PaymentIntent, *, succeed: bool) -> str | None:
    """Finish 3-D Secure. Return the buyer's next address, if the shop named one.

    Raises `SessionClosed`.
    """
    session = sandbox.find_session(intent.session or "")
    if session is not None:
        return await checkout.authenticate(sandbox, session, succeed=succeed)
    payments.authenticate(sandbox, intent, succeed=succeed)
    return address_after(sandbox, intent)


def address_after(sandbox: Sandbox, intent: PaymentIntent) -> str | None:
    """The buyer's next address after 3-D Secure, also after a second click."""
    session = sandbox.find_session(intent.session or "")
    if session is not None:
        return session.success_url
    return None if intent.return_url is None else _return_address(intent, intent.return_url)


def _return_address(intent: PaymentIntent, url: str) -> str:
    parts = urlsplit(url)
    added = urlencode(
        {
            "payment_intent": intent.id,
            "payment_intent_client_secret": intent.client_secret,
            "redirect_status": REDIRECT_STATUS.get(intent.status, "failed"),
        }
    )
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))
