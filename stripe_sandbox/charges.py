"""Charges: the money of a payment, of which refunds and disputes take."""

from typing import Any

from stripe_sandbox.calls import Call, Operation
from stripe_sandbox.http.errors import StripeError, exclusive, no_such
from stripe_sandbox.http.validation import Params
from stripe_sandbox.state import Account


def successful_charge(account: Account, params: Params) -> dict[str, Any]:
    """The charge that `payment_intent` or `charge` means. Raises `StripeError`."""
    if "charge" in params and "payment_intent" in params:
        raise exclusive("payment_intent", "charge")
    if "charge" in params:
        charge = find(account, "charge", params["charge"])
        if charge["status"] != "succeeded":
            raise StripeError(f"Charge {charge['id']} has not succeeded.", param="charge")
        return charge
    if "payment_intent" not in params:
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or "
            "charge."
        )
    intent = find(account, "payment_intent", params["payment_intent"])
    latest = account.objects.get(intent["latest_charge"] or "")
    if latest is None or latest["status"] != "succeeded":
        raise StripeError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
    return latest


def find(account: Account, kind: str, wanted: str, *, status: int = 400) -> dict[str, Any]:
    """The object of that kind. Raises `StripeError` where there is none."""
    found = account.objects.get(wanted)
    if found is None or found["object"] != kind:
        raise no_such(kind, wanted, param=kind, status=status)
    return found


def charge_asked_for(account: Account, params: Params) -> str | None:
    """Whose refunds or disputes a list is about: the id of a charge, or None for all."""
    charge_id: str | None = None
    if "payment_intent" in params:
        charge_id = find(account, "payment_intent", params["payment_intent"])["latest_charge"] or ""
    if "charge" in params:
        asked = find(account, "charge", params["charge"])["id"]
        charge_id = asked if charge_id in (None, asked) else ""
    return charge_id


def read_charge(call: Call) -> dict[str, Any]:
    return call.expanded(find(call.account, "charge", call.id, status=404))


OPERATIONS = (
    Operation(
        "GET", "/v1/charges/{id}", "_charge_retrieve_params", "ChargeRetrieveParams", read_charge
    ),
)
