"""The steps of every payment, those of Checkout Sessions too, with their events."""

from stripe_sandbox.http.validation import Params
from stripe_sandbox.resources.payment_intents.as_json import (
    charge_json,
    error_json,
    method_json,
    outcome,
)
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import (
    AUTHENTICATION_FAILED,
    VOUCHER_EXPIRED,
    Decline,
    Instrument,
)
from stripe_sandbox.resources.payment_intents.vouchers import next_action
from stripe_sandbox.state import Sandbox
from stripe_sandbox.webhooks.events import NO_REQUEST, Cause


class PaymentDeclined(Exception):
    """The bank declined the payment. The buyer can try another card."""


def add_intent(sandbox: Sandbox, intent: PaymentIntent, cause: Cause = NO_REQUEST) -> None:
    """Store a new intent."""
    account = sandbox.account(intent.account)
    account.intents[intent.id] = intent
    account.objects[intent.id] = intent.body
    _emit(sandbox, "created", intent, cause)


def attach(
    sandbox: Sandbox, intent: PaymentIntent, instrument: Instrument, billing: Params
) -> None:
    """Store a payment method and attach it to the intent."""
    method = method_json(instrument, billing=billing, now=sandbox.now())
    sandbox.account(intent.account).objects[method["id"]] = method
    intent.attach(method, instrument)


def confirm(sandbox: Sandbox, intent: PaymentIntent, cause: Cause = NO_REQUEST) -> None:
    """Pay with the attached payment method. Raises `PaymentDeclined`."""
    assert intent.instrument is not None
    if intent.instrument.needs_authentication:
        intent.ask_for_authentication(f"{sandbox.origin}/3d_secure/{intent.id}")
        _emit(sandbox, "requires_action", intent, cause)
    elif intent.instrument.is_awaited:
        intent.ask_for_money(next_action(intent, origin=sandbox.origin, now=sandbox.now()))
        sandbox.awaited[intent.id] = intent
        _emit(sandbox, "requires_action", intent, cause)
    elif intent.instrument.is_delayed:
        intent.process(charge=_charge(sandbox, intent, "pending"), now=sandbox.now())
        sandbox.processing[intent.id] = intent
        _emit(sandbox, "processing", intent, cause)
    elif intent.instrument.decline is not None:
        decline = intent.instrument.decline
        _fail(sandbox, intent, decline, _charge(sandbox, intent, "failed", decline), cause)
        raise PaymentDeclined(decline.message)
    else:
        _succeed(sandbox, intent, _charge(sandbox, intent, "succeeded"), cause)


def authenticate(sandbox: Sandbox, intent: PaymentIntent, *, succeed: bool) -> None:
    """Finish 3-D Secure. The intent's status must be `requires_action`."""
    if succeed:
        _succeed(sandbox, intent, _charge(sandbox, intent, "succeeded"), NO_REQUEST)
    else:
        _fail(sandbox, intent, AUTHENTICATION_FAILED, None, NO_REQUEST)


def finish_processing(sandbox: Sandbox, intent: PaymentIntent) -> None:
    """Apply the bank's answer to a payment that is processing."""
    assert intent.instrument is not None
    sandbox.processing.pop(intent.id, None)
    charge = sandbox.account(intent.account).objects[intent.body["latest_charge"]]
    decline = intent.instrument.decline
    if decline is None:
        charge |= {"status": "succeeded", "paid": True, "amount_captured": intent.amount}
        _succeed(sandbox, intent, charge["id"], NO_REQUEST)
    else:
        charge |= {"status": "failed", "captured": False, "outcome": outcome(decline)}
        charge |= {"failure_code": decline.code, "failure_message": decline.message}
        _fail(sandbox, intent, decline, charge["id"], NO_REQUEST)


def finish_awaited(sandbox: Sandbox, intent: PaymentIntent, *, succeed: bool) -> None:
    """The buyer has paid the voucher or the bank transfer, or the voucher has expired."""
    sandbox.awaited.pop(intent.id, None)
    if succeed:
        _succeed(sandbox, intent, _charge(sandbox, intent, "succeeded"), NO_REQUEST)
    else:
        _fail(sandbox, intent, VOUCHER_EXPIRED, None, NO_REQUEST)


def cancel(
    sandbox: Sandbox, intent: PaymentIntent, reason: str | None, cause: Cause = NO_REQUEST
) -> None:
    intent.cancel(reason, now=sandbox.now())
    _emit(sandbox, "canceled", intent, cause)


def _succeed(sandbox: Sandbox, intent: PaymentIntent, charge: str, cause: Cause) -> None:
    intent.succeed(charge=charge)
    _emit(sandbox, "succeeded", intent, cause)


def _fail(
    sandbox: Sandbox, intent: PaymentIntent, decline: Decline, charge: str | None, cause: Cause
) -> None:
    method = sandbox.account(intent.account).objects[intent.body["payment_method"]]
    intent.fail(error_json(decline, charge=charge, method=method), charge=charge)
    _emit(sandbox, "payment_failed", intent, cause)


def _charge(
    sandbox: Sandbox, intent: PaymentIntent, status: str, decline: Decline | None = None
) -> str:
    charge = charge_json(intent, status=status, decline=decline, now=sandbox.now())
    sandbox.account(intent.account).objects[charge["id"]] = charge
    return str(charge["id"])


def _emit(sandbox: Sandbox, what: str, intent: PaymentIntent, cause: Cause) -> None:
    sandbox.emit(intent.account, f"payment_intent.{what}", intent.body, cause)
