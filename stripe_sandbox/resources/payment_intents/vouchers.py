"""Vouchers and bank transfers: what the buyer is told to pay, in days.

Multibanco stands for all vouchers (docs.stripe.com/payments/vouchers), `customer_balance` for bank
transfers (docs.stripe.com/payments/bank-transfers), which don't expire.
"""

from typing import Any

from stripe_sandbox.resources.payment_intents.method_details import ENTITY, REFERENCE
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent

VOUCHER_SECONDS = 7 * 24 * 60 * 60
_ADDRESS = {
    "city": "Dublin",
    "country": "IE",
    "line1": "1 Grand Canal Street Lower",
    "line2": None,
    "postal_code": "D02 H210",
    "state": None,
}


def next_action(intent: PaymentIntent, *, origin: str, now: int) -> dict[str, Any]:
    """The `next_action` of an intent whose payment method is a voucher or a bank transfer."""
    assert intent.instrument is not None
    page = f"{origin}/voucher/{intent.id}"
    if intent.instrument.type == "multibanco":
        voucher = {
            "entity": ENTITY,
            "expires_at": now + VOUCHER_SECONDS,
            "hosted_voucher_url": page,
            "reference": REFERENCE,
        }
        return {"multibanco_display_details": voucher, "type": "multibanco_display_details"}
    instructions = {
        "amount_remaining": intent.amount,
        "currency": intent.currency,
        "financial_addresses": [_financial_address()],
        "hosted_instructions_url": page,
        "reference": intent.id[-12:].upper(),
        "type": "eu_bank_transfer",
    }
    kind = "display_bank_transfer_instructions"
    return {kind: instructions, "type": kind}


def expires_at(intent: PaymentIntent) -> int | None:
    """The timestamp at which a voucher can't be paid any more; None for a bank transfer."""
    voucher = (intent.body["next_action"] or {}).get("multibanco_display_details")
    return None if voucher is None else int(voucher["expires_at"])


def _financial_address() -> dict[str, Any]:
    iban = {
        "account_holder_address": _ADDRESS,
        "account_holder_name": "Local Stripe",
        "bank_address": _ADDRESS,
        "bic": "AGRIFRPP",
        "country": "IE",
        "iban": "IE29AIBK93115212345678",
    }
    return {"iban": iban, "supported_networks": ["sepa"], "type": "iban"}
