"""Delayed payment methods: the bank answers to a debit later, the buyer pays a voucher later."""

from stripe_sandbox.lifecycle import payments
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.resources.payment_intents.vouchers import expires_at
from stripe_sandbox.state import Sandbox


def finish(sandbox: Sandbox, intent: PaymentIntent, *, succeed: bool = True) -> None:
    """Apply the bank's answer, or the payment or the end of a voucher. `succeed` is for vouchers.

    After a failure the session stays complete and unpaid.
    """
    if intent.is_awaited:
        payments.finish_awaited(sandbox, intent, succeed=succeed)
    else:
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
    """Finish the debits that have been processing for `delayed_seconds`, and expire vouchers."""
    _expire_vouchers(sandbox)
    if sandbox.delayed_seconds is None:
        return
    since = sandbox.now() - sandbox.delayed_seconds
    for intent in list(sandbox.processing.values()):
        assert intent.processing_since is not None
        if intent.processing_since <= since:
            finish(sandbox, intent)


def _expire_vouchers(sandbox: Sandbox) -> None:
    for intent in list(sandbox.awaited.values()):
        end = expires_at(intent)
        if not intent.is_awaited:  # cancelled, or paid in another way
            del sandbox.awaited[intent.id]
        elif end is not None and end <= sandbox.now():
            finish(sandbox, intent, succeed=False)
