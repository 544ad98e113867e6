"""Find the charge of a refund or dispute."""

from typing import Any

from stripe_sandbox.http.errors import StripeError, exclusive, no_such
from stripe_sandbox.http.validation import Params
from stripe_sandbox.state import Account


def successful_charge(account: Account, params: Params) -> dict[str, Any]:
    """The charge of the parameter `payment_intent` or `charge`. Raises `StripeError`."""
    if "charge" in params and "payment_intent" in params:
        raise exclusive("payment_intent", "charge")
    if "charge" in params:
        charge = find_object(account, "charge", params["charge"])
        if charge["status"] != "succeeded":
            raise StripeError(f"Charge {charge['id']} has not succeeded.", param="charge")
        return charge
    if "payment_intent" not in params:
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or "
            "charge."
        )
    intent = find_object(account, "payment_intent", params["payment_intent"])
    latest = account.objects.get(intent["latest_charge"] or "")
    if latest is None or latest["status"] != "succeeded":
        raise StripeError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
    return latest


def find_object(account: Account, kind: str, wanted: str, *, status: int = 400) -> dict[str, Any]:
    """The object of that kind. Raises `StripeError` if there is none."""
    found = account.objects.get(wanted)
    if found is None or found["object"] != kind:
        raise no_such(kind, wanted, param=kind, status=status)
    return found
