"""Cards, and the PaymentIntent and Charge that a payment leaves behind."""

import re
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.ids import new_id
from stripe_sandbox.sessions import CheckoutSession

DECLINES = {"4000000000000002": "Your card was declined."}
PAYS = frozenset({"4242424242424242"})


class CardDeclined(Exception):
    """The bank said no; the buyer may try another card."""


class CardUnknown(Exception):
    """Not one of the test cards, so there is no telling what it would do."""


@dataclass(frozen=True)
class Payment:
    intent: dict[str, Any]
    charge: dict[str, Any]


def charge_card(session: CheckoutSession, *, card: str, email: str, now: int) -> Payment:
    """Raises `CardDeclined` or `CardUnknown`."""
    number = re.sub(r"[\s-]", "", card)
    if number in DECLINES:
        raise CardDeclined(DECLINES[number])
    if number not in PAYS:
        raise CardUnknown(
            "The local Stripe knows two cards: 4242 4242 4242 4242 pays, "
            "4000 0000 0000 0002 is declined."
        )
    intent_id, charge_id, method = new_id("pi"), new_id("ch"), new_id("pm")
    common = _common(session, method=method, now=now)
    return Payment(
        intent=common | _intent(session.totals.total, intent_id, charge_id),
        charge=common | _charge(session.totals.total, intent_id, charge_id, number, email),
    )


def _common(session: CheckoutSession, *, method: str, now: int) -> dict[str, Any]:
    asked = session.params.get("payment_intent_data", {})
    return {
        "amount": session.totals.total,
        "application": None,
        "application_fee_amount": None,
        "created": now,
        "currency": session.totals.currency,
        "customer": None,
        "description": asked.get("description"),
        "livemode": False,
        "metadata": asked.get("metadata", {}),
        "on_behalf_of": None,
        "payment_method": method,
        "receipt_email": asked.get("receipt_email"),
        "review": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": asked.get("statement_descriptor"),
        "statement_descriptor_suffix": asked.get("statement_descriptor_suffix"),
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def _intent(amount: int, intent_id: str, charge_id: str) -> dict[str, Any]:
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": amount,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "last_payment_error": None,
        "latest_charge": charge_id,
        "next_action": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "processing": None,
        "setup_future_usage": None,
    }


def _charge(amount: int, intent_id: str, charge_id: str, number: str, email: str) -> dict[str, Any]:
    return {
        "id": charge_id,
        "object": "charge",
        "amount_captured": amount,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": email, "name": None, "phone": None},
        "captured": True,
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "outcome": {"network_status": "approved_by_network", "type": "authorized"},
        "paid": True,
        "payment_intent": intent_id,
        "payment_method_details": {
            "card": {"brand": "visa", "country": "US", "funding": "credit", "last4": number[-4:]},
            "type": "card",
        },
        "receipt_url": None,
        "refunded": False,
    }
