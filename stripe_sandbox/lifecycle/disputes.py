"""Disputes: the buyer's bank takes the money back unless the shop wins the dispute."""

from typing import Any

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.validation import Params
from stripe_sandbox.lifecycle.charges import successful_charge
from stripe_sandbox.state import Account, Sandbox

REASONS = (
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)
OUTCOMES = ("won", "lost")
INQUIRY = "warning_needs_response"
EVIDENCE = """
    access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
    cancellation_rebuttal customer_communication customer_email_address customer_name
    customer_purchase_ip customer_signature duplicate_charge_documentation
    duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy
    refund_policy_disclosure refund_refusal_explanation service_date service_documentation
    shipping_address shipping_carrier shipping_date shipping_documentation
    shipping_tracking_number uncategorized_file uncategorized_text
""".split()
EVIDENCE_PERIOD = 7 * 24 * 60 * 60  # seconds


def open_dispute(sandbox: Sandbox, account: Account, params: Params) -> dict[str, Any]:
    """Dispute `params["amount"]` minor units, or the whole charge. Raises `StripeError`.

    With the status of an inquiry, the bank only asks and takes no money yet.
    https://docs.stripe.com/disputes/how-disputes-work#inquiries
    """
    charge = successful_charge(account, params)
    if charge["disputed"]:
        raise StripeError(f"Charge {charge['id']} is already disputed.")
    amount = params.get("amount", charge["amount_captured"])
    if not 1 <= amount <= charge["amount_captured"]:
        raise StripeError(f"Only 1 to {charge['amount_captured']} can be disputed.")
    reason = params.get("reason", "fraudulent")
    if reason not in REASONS:
        raise StripeError(f"`reason` must be one of {', '.join(REASONS)}.")
    is_inquiry = params.get("status") == INQUIRY
    dispute = _dispute(charge, amount=amount, reason=reason, now=sandbox.now())
    account.disputes[dispute["id"]] = account.disputes_of[charge["id"]][dispute["id"]] = dispute
    charge["disputed"] = True
    if is_inquiry:
        dispute |= {"status": INQUIRY, "is_charge_refundable": True}
    sandbox.emit(account.name, "charge.dispute.created", dispute)
    if not is_inquiry:
        sandbox.emit(account.name, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(sandbox: Sandbox, account: Account, dispute: dict[str, Any], status: str) -> None:
    """Close the dispute as won or lost. Raises `StripeError` if it is already closed."""
    if status not in OUTCOMES:
        raise StripeError(f"`status` must be one of {', '.join(OUTCOMES)}.")
    if dispute["status"] in OUTCOMES:
        raise StripeError(f"This dispute is already {dispute['status']}.")
    dispute["status"] = status
    dispute["is_charge_refundable"] = status == "won"
    sandbox.emit(account.name, "charge.dispute.closed", dispute)
    if status == "won":
        sandbox.emit(account.name, "charge.dispute.funds_reinstated", dispute)


def warn_of_fraud(sandbox: Sandbox, account: Account, params: Params) -> dict[str, Any]:
    """Send an early fraud warning, as card networks do before a dispute. Raises `StripeError`.

    https://docs.stripe.com/api/radar/early_fraud_warnings
    """
    charge = successful_charge(account, params)
    warning = {
        "id": new_id("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": not (charge["disputed"] or charge["refunded"]),
        "charge": charge["id"],
        "created": sandbox.now(),
        "fraud_type": "unauthorized_use_of_card",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    account.fraud_warnings[warning["id"]] = warning
    sandbox.emit(account.name, "radar.early_fraud_warning.created", warning)
    return warning


def forbids_refunds(account: Account, charge: dict[str, Any]) -> bool:
    """Tell whether the buyer's bank has taken the money of the charge."""
    disputes = account.disputes_of.get(charge["id"], {}).values()
    return any(not each["is_charge_refundable"] for each in disputes)


# Longer than 30 lines because every field of the object is listed.
def _dispute(charge: dict[str, Any], *, amount: int, reason: str, now: int) -> dict[str, Any]:
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + EVIDENCE_PERIOD,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": None,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    } | _method(charge)


def _method(charge: dict[str, Any]) -> dict[str, Any]:
    """The `payment_method_details`, which Stripe leaves out for debits."""
    paid_with = charge["payment_method_details"]
    if paid_with["type"] != "card":
        return {}
    brand = paid_with["card"]["brand"]
    card = {
        "brand": brand,
        "case_type": "chargeback",
        "network": brand,
        "network_reason_code": None,
    }
    return {"payment_method_details": {"card": card, "type": "card"}}
