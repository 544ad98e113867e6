"""The JSON of PaymentIntents, PaymentMethods, Charges and payment errors."""

from copy import deepcopy
from typing import Any

from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.validation import Params
from stripe_sandbox.resources.addresses import shipping_json
from stripe_sandbox.resources.payment_intents.method_details import charge_details, method_details
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import Decline, Instrument
from stripe_sandbox.resources.payment_intents.statements import statement

# The fields that a publishable key can see (docs.stripe.com/api/payment_intents/object).
PUBLIC = frozenset(
    """
    id object amount amount_details automatic_payment_methods canceled_at cancellation_reason
    capture_method client_secret confirmation_method created currency description last_payment_error
    livemode next_action payment_method payment_method_types processing receipt_email
    setup_future_usage shipping source status
    """.split()
)
BILLING_DETAILS = ("address", "email", "name", "phone", "tax_id")


# Longer than 30 lines because every field of the object is listed.
def intent_json(
    asked: Params,
    *,
    amount: int,
    currency: str,
    types: list[str],
    automatic: dict[str, Any] | None,
    now: int,
) -> dict[str, Any]:
    """`asked` are the parameters of a PaymentIntent, or the `payment_intent_data` of a session."""
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": asked.get("allowed_payment_method_types"),
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": asked.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": asked.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": dict(asked.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": types,
        "payment_record": None,
        "processing": None,
        "receipt_email": asked.get("receipt_email"),
        "review": None,
        "setup_future_usage": None,
        "shipping": shipping_json(asked.get("shipping", {})),
        "source": None,
        "statement_descriptor": asked.get("statement_descriptor"),
        "statement_descriptor_suffix": asked.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def method_json(instrument: Instrument, *, billing: Params, now: int) -> dict[str, Any]:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": dict.fromkeys(BILLING_DETAILS) | billing,
        "created": now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": instrument.type,
        instrument.type: method_details(instrument),
    }


# Longer than 30 lines because every field of the object is listed.
def charge_json(
    intent: PaymentIntent, *, status: str, decline: Decline | None = None, now: int
) -> dict[str, Any]:
    instrument, succeeded = intent.instrument, status == "succeeded"
    assert instrument is not None
    shared = ("amount", "currency", "customer", "description", "livemode", "payment_method")
    return {
        **{name: intent.body[name] for name in (*shared, "receipt_email")},
        "id": new_id("ch"),
        "object": "charge",
        "amount_captured": intent.amount if succeeded else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": dict.fromkeys(BILLING_DETAILS) | {"email": intent.email},
        "calculated_statement_descriptor": statement(intent.body["statement_descriptor_suffix"])
        if instrument.type == "card"
        else None,
        "captured": status != "failed",
        "created": now,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline and decline.code,
        "failure_message": decline and decline.message,
        "fraud_details": {},
        "metadata": dict(intent.body["metadata"]),
        "on_behalf_of": None,
        "outcome": outcome(decline),
        "paid": succeeded,
        "payment_intent": intent.id,
        "payment_method_details": {
            "type": instrument.type,
            instrument.type: charge_details(instrument, intent.amount),
        },
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": deepcopy(intent.body["shipping"]),
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent.body["statement_descriptor"],
        "statement_descriptor_suffix": intent.body["statement_descriptor_suffix"],
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }


def outcome(decline: Decline | None) -> dict[str, Any]:
    codes = {"advice_code": None, "network_advice_code": None, "network_decline_code": None}
    if decline is None:
        return codes | {
            "network_status": "approved_by_network",
            "reason": None,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return codes | {
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def error_json(decline: Decline, *, charge: str | None, method: dict[str, Any]) -> dict[str, Any]:
    """The `last_payment_error`, which is the error of the call as well."""
    error = {
        "charge": charge,
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        "type": decline.kind,
    }
    return {name: value for name, value in error.items() if value is not None}
