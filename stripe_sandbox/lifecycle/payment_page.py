"""An API call pays a Checkout Session without a browser, as Stripe's command line does."""

from stripe_sandbox.lifecycle import payments
from stripe_sandbox.lifecycle.checkout import begin_intent, complete
from stripe_sandbox.lifecycle.confirmation import card_error
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.payment_intents.payment_methods import Instrument
from stripe_sandbox.state import Sandbox
from stripe_sandbox.webhooks.events import Cause


def pay_without_a_browser(
    sandbox: Sandbox, session: CheckoutSession, instrument: Instrument, *, email: str, cause: Cause
) -> None:
    """Pay an open session; it stays open if the buyer must authenticate.

    Raises `StripeError`, 402 if the bank declines.
    """
    if session.is_free:
        complete(sandbox, session, email=email, is_paid=False)
        return
    intent = sandbox.intent_of(session) or begin_intent(sandbox, session)
    payments.attach(sandbox, intent, instrument, {"email": email})
    try:
        payments.confirm(sandbox, intent, cause)
    except payments.PaymentDeclined as decline:
        raise card_error(intent, str(decline)) from None
    if intent.status != "requires_action":
        complete(sandbox, session, email=email, is_paid=intent.status == "succeeded")
