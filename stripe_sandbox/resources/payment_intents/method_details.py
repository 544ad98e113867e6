"""What a PaymentMethod and a Charge tell about the card, bank account or voucher."""

from typing import Any

from stripe_sandbox.resources.payment_intents.payment_methods import Instrument

# What the buyer types at a cash machine to pay a Multibanco voucher.
ENTITY, REFERENCE = "11249", "123456789"
EXPIRY = {"exp_month": 12, "exp_year": 2040}
_CHECKS = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": "pass",
}


def method_details(instrument: Instrument) -> dict[str, Any]:
    """The details in a PaymentMethod."""
    if instrument.is_awaited:
        return {}
    if instrument.type == "sepa_debit":
        return _debit(instrument) | {"generated_from": None}
    if instrument.type != "card":
        return {}
    return _card(instrument) | {
        "display_brand": "visa",
        "generated_from": None,
        "networks": {"available": ["visa"], "preferred": None},
        "three_d_secure_usage": {"supported": True},
    }


def charge_details(instrument: Instrument, amount: int) -> dict[str, Any]:
    """The `payment_method_details` of a charge of `amount` minor units."""
    if instrument.type == "multibanco":
        return {"entity": ENTITY, "reference": REFERENCE}
    if instrument.is_awaited:
        return {}
    if instrument.type == "sepa_debit":
        return _debit(instrument) | {"mandate": None}
    if instrument.type != "card":
        return {"entity": None, "reference": None} if instrument.type == "multibanco" else {}
    return _card(instrument) | {
        "amount_authorized": amount,
        "authorization_code": None,
        "electronic_commerce_indicator": None,
        "installments": None,
        "mandate": None,
        "network": "visa",
        "network_transaction_id": None,
        "three_d_secure": None,
        "transaction_link_id": None,
    }


def _card(instrument: Instrument) -> dict[str, Any]:
    return EXPIRY | {
        "brand": "visa",
        "checks": dict(_CHECKS),
        "country": "US",
        "fingerprint": None,
        "funding": "credit",
        "last4": instrument.last4,
        "regulated_status": None,
        "wallet": None,
    }


def _debit(instrument: Instrument) -> dict[str, Any]:
    return {
        "bank_code": instrument.number[4:12],
        "branch_code": None,
        "country": "DE",
        "fingerprint": None,
        "last4": instrument.last4,
    }
