"""An API call confirms a PaymentIntent: its payment method, and the errors of the call."""

from typing import Any

from stripe_sandbox.http.errors import StripeError, exclusive, missing, no_such
from stripe_sandbox.http.validation import Params
from stripe_sandbox.lifecycle import payments
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import (
    AWAITED,
    Instrument,
    UnknownNumber,
    awaited_instrument,
    find_card,
    find_iban,
    find_test_method,
)
from stripe_sandbox.resources.payment_intents.rules import check_confirm
from stripe_sandbox.state import Account, Sandbox
from stripe_sandbox.webhooks.events import Cause


def confirm(
    sandbox: Sandbox,
    intent: PaymentIntent,
    params: Params,
    cause: Cause,
    *,
    is_public: bool = False,
) -> None:
    """Pay the intent as the call asks; `is_public`: it was made with a publishable key.

    Raises `StripeError`, 402 if the bank declines.
    """
    instrument = read_method(sandbox.account(intent.account), intent, params)
    check_confirm(intent, params, brings_method=instrument is not None)
    if "shipping" in params:
        intent.ship_to(params["shipping"], is_public=is_public)
    intent.return_url = params.get("return_url", intent.return_url)
    if "receipt_email" in params:
        intent.body["receipt_email"] = params["receipt_email"] or None
    if instrument is not None:
        payments.attach(sandbox, intent, instrument, _billing(params))
    try:
        payments.confirm(sandbox, intent, cause)
    except payments.PaymentDeclined as decline:
        raise card_error(intent, str(decline)) from None


def read_method(account: Account, intent: PaymentIntent, params: Params) -> Instrument | None:
    """The payment method in the call, if there is one.

    Raises `StripeError` for an unknown payment method, or one that the intent doesn't allow.
    """
    if "payment_method" in params and "payment_method_data" in params:
        raise exclusive("payment_method", "payment_method_data")
    instrument = None
    if "payment_method" in params:
        instrument = find_method(account, params["payment_method"])
    elif "payment_method_data" in params:
        instrument = _from_details(params["payment_method_data"])
    if instrument is not None and instrument.type not in intent.body["payment_method_types"]:
        raise StripeError(
            f"The PaymentMethod provided ({instrument.type}) is not allowed for this "
            "PaymentIntent, or does not support its currency.",
            param="payment_method",
            code="payment_intent_incompatible_payment_method",
        )
    return instrument


def find_method(account: Account, name: str) -> Instrument:
    """What a test payment method, or one that a call has made, stands for.

    Raises `StripeError` if there is none.
    """
    instrument = find_test_method(name) or account.instruments.get(name)
    if instrument is None:
        raise no_such("PaymentMethod", name, param="payment_method")
    return instrument


def _from_details(sent: Params) -> Instrument:
    kind = sent["type"]
    if kind in AWAITED:
        if kind == "multibanco" and not sent.get("billing_details", {}).get("email"):
            raise missing("payment_method_data[billing_details][email]")
        return awaited_instrument(kind)
    details, number = sent.get(kind, {}), "number" if kind == "card" else "iban"
    if number not in details:
        raise missing(f"payment_method_data[{kind}][{number}]")
    try:
        return (find_card if kind == "card" else find_iban)(details[number])
    except UnknownNumber as unknown:
        raise _unknown_number(unknown, kind) from None


def _unknown_number(unknown: UnknownNumber, kind: str) -> StripeError:
    if kind == "sepa_debit":
        return StripeError(
            str(unknown),
            param="payment_method_data[sepa_debit][iban]",
            code="invalid_bank_account_iban",
        )
    extra = {"decline_code": "test_mode_live_card"}
    return StripeError(
        str(unknown), code="card_declined", status=402, kind="card_error", extra=extra
    )


def _billing(params: Params) -> Params:
    sent = params.get("payment_method_data", {}).get("billing_details", {})
    return {name: value or None for name, value in sent.items()}


def card_error(intent: PaymentIntent, message: str) -> StripeError:
    """The error of a call whose payment the bank has declined."""
    error: dict[str, Any] = intent.body["last_payment_error"]
    shared = ("charge", "decline_code", "payment_method")
    extra: dict[str, Any] = {name: error[name] for name in shared if name in error}
    return StripeError(
        message,
        code=error["code"],
        status=402,
        kind=error["type"],
        extra={**extra, "payment_intent": intent.as_json()},
    )
