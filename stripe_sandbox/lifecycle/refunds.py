"""Refunds: create and finish them, and count them on the charge."""

import asyncio
from copy import deepcopy
from typing import Any

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.validation import Params
from stripe_sandbox.lifecycle.charges import successful_charge
from stripe_sandbox.lifecycle.disputes import forbids_refunds
from stripe_sandbox.money.currencies import charge_step, display
from stripe_sandbox.state import Account, Sandbox
from stripe_sandbox.webhooks.events import NO_REQUEST, Cause

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
REFUND_MODES = ("succeed", "pending", "fail_later")
FAILURE_DELAY = 1.0  # seconds, for `fail_later`
FAILURE_REASONS = (
    "charge_for_pending_refund_disputed",
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
)
# The next statuses of each status. A bank can return a refund that has succeeded.
NEXT_STATUSES = {"pending": ("succeeded", "failed", "canceled"), "succeeded": ("failed",)}


def create_refund(
    sandbox: Sandbox, account: Account, params: Params, cause: Cause = NO_REQUEST
) -> dict[str, Any]:
    """Refund `params["amount"]` minor units, or all that is left. Raises `StripeError`."""
    charge = successful_charge(account, params)
    amount = _amount(account, charge, params.get("amount"))
    status = "pending" if sandbox.refunds == "pending" else "succeeded"
    refund = _refund(charge, params, amount=amount, status=status, now=sandbox.now())
    account.refunds[refund["id"]] = account.refunds_of[charge["id"]][refund["id"]] = refund
    _add_refunded(charge, amount)
    sandbox.emit(account.name, "refund.created", refund, cause)
    sandbox.emit(account.name, "charge.refunded", charge, cause)
    if sandbox.refunds == "fail_later":
        asyncio.get_running_loop().call_later(FAILURE_DELAY, _fail, sandbox, account, refund)
    return refund


def finish_refund(
    sandbox: Sandbox, account: Account, refund: dict[str, Any], status: str, reason: str = "unknown"
) -> None:
    """Change the status, as the bank does, or the Dashboard for `canceled`.

    Raises `StripeError` if the refund can't get this status.
    """
    if status not in NEXT_STATUSES.get(refund["status"], ()):
        raise StripeError(f"A refund with a status of {refund['status']} can't become {status}.")
    before = deepcopy(refund)
    refund["status"] = status
    refund.pop("pending_reason", None)
    if status == "failed":
        refund["failure_reason"] = reason
    if status != "succeeded":
        _add_refunded(account.objects[refund["charge"]], -refund["amount"])
    sandbox.emit(account.name, "refund.updated", refund, before=before)
    if status == "failed":
        sandbox.emit(account.name, "refund.failed", refund)


def _fail(sandbox: Sandbox, account: Account, refund: dict[str, Any]) -> None:
    """Fail the refund later, unless it was finished or everything was reset meanwhile."""
    if sandbox.accounts.get(account.name) is account and refund["status"] == "succeeded":
        finish_refund(sandbox, account, refund, "failed")


def _amount(account: Account, charge: dict[str, Any], wanted: int | None) -> int:
    if forbids_refunds(account, charge):
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = left if wanted is None else wanted
    if amount < 1 or amount % charge_step(charge["currency"]):
        raise StripeError(
            "Invalid positive integer", param="amount", code="parameter_invalid_integer"
        )
    if amount > left:
        asked, rest = (display(each, charge["currency"]) for each in (amount, left))
        raise StripeError(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})",
            param="amount",
        )
    return amount


def _add_refunded(charge: dict[str, Any], amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def _refund(
    charge: dict[str, Any], params: Params, *, amount: int, status: str, now: int
) -> dict[str, Any]:
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }
    # Like Stripe, leave out what doesn't apply: `pending_reason`, `failure_reason`.
    pending = {"pending_reason": "processing"} if status == "pending" else {}
    return refund | _destination(charge) | pending


def _destination(charge: dict[str, Any]) -> dict[str, Any]:
    """The `destination_details`, which Stripe describes for cards, but not for debits."""
    if charge["payment_method_details"]["type"] != "card":
        return {}
    card = {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {"destination_details": {"card": card, "type": "card"}}
