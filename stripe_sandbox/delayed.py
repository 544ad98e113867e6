"""Payments whose outcome the bank tells later: SEPA debits here."""

from stripe_sandbox import payments
from stripe_sandbox.intents import PaymentIntent
from stripe_sandbox.state import Sandbox


def finish(sandbox: Sandbox, intent: PaymentIntent) -> None:
    """The bank has answered. The session of a failed payment stays complete and unpaid."""
    payments.settle(sandbox, intent)
    session = sandbox.find_session(intent.session or "")
    if session is None:
        return
    if intent.status == "succeeded":
        session.payment_status = "paid"
        sandbox.announce("checkout.session.async_payment_succeeded", session)
    else:
        sandbox.announce("checkout.session.async_payment_failed", session)


def finish_overdue(sandbox: Sandbox) -> None:
    for intent in list(sandbox.processing.values()):
        if _is_overdue(sandbox, intent):
            finish(sandbox, intent)


def _is_overdue(sandbox: Sandbox, intent: PaymentIntent) -> bool:
    if sandbox.delayed_seconds is None or intent.processing_since is None:
        return False
    return sandbox.now() >= intent.processing_since + sandbox.delayed_seconds
