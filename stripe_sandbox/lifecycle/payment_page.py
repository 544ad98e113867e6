"""An API call pays a Checkout Session without a browser, as Stripe's command line does."""

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.lifecycle import payments
from stripe_sandbox.lifecycle.checkout import FormError, begin_attempt, check_recipient, complete
from stripe_sandbox.lifecycle.confirmation import card_error
from stripe_sandbox.resources.addresses import Recipient
from stripe_sandbox.resources.checkout.collection import Collected
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.payment_intents.payment_methods import Instrument
from stripe_sandbox.state import Sandbox
from stripe_sandbox.webhooks.events import Cause


def pay_without_a_browser(
    sandbox: Sandbox,
    session: CheckoutSession,
    instrument: Instrument,
    recipient: Recipient,
    *,
    email: str,
    cause: Cause,
) -> None:
    """Pay an open session; it stays open if the buyer must authenticate.

    Raises `StripeError`, 402 if the bank declines.
    """
    try:
        session.collected = Collected(recipient=check_recipient(session, recipient))
    except FormError as missing:
        raise StripeError(str(missing), param=f"shipping[{missing.field}]") from None
    if session.is_free:
        complete(sandbox, session, email=email, is_paid=False)
        return
    intent = begin_attempt(sandbox, session, instrument, email=email)
    try:
        payments.confirm(sandbox, intent, cause)
    except payments.PaymentDeclined as decline:
        raise card_error(intent, str(decline)) from None
    if intent.status != "requires_action":
        complete(sandbox, session, email=email, is_paid=intent.status == "succeeded")
