"""Delayed payment methods: the bank answers later. Here these are SEPA debits."""

from stripe_sandbox.lifecycle import payments
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.state import Sandbox


def finish(sandbox: Sandbox, intent: PaymentIntent) -> None:
    """Apply the bank's answer. After a failure the session stays complete and unpaid."""
    payments.finish_processing(sandbox, intent)
    session = sandbox.find_session(intent.session or "")
    if session is None:
        return
    if intent.status == "succeeded":
        session.payment_status = "paid"
        sandbox.emit_session("checkout.session.async_payment_succeeded", session)
    else:
        sandbox.emit_session("checkout.session.async_payment_failed", session)


def finish_overdue(sandbox: Sandbox) -> None:
    """Finish the payments that have been processing for `delayed_seconds`."""
    if sandbox.delayed_seconds is None:
        return
    since = sandbox.now() - sandbox.delayed_seconds
    for intent in list(sandbox.processing.values()):
        assert intent.processing_since is not None
        if intent.processing_since <= since:
            finish(sandbox, intent)
