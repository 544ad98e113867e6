"""The calls about charges, and the filter by charge for lists of refunds and disputes."""

from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.validation import Params
from stripe_sandbox.lifecycle.charges import find_object
from stripe_sandbox.state import Account


def charge_filter(account: Account, params: Params) -> str | None:
    """The id of the charge whose refunds or disputes a list asks for; None for all of them, and ""
    for none of them. Raises `StripeError` for an unknown payment intent or charge."""
    charge_id: str | None = None
    if "payment_intent" in params:
        intent = find_object(account, "payment_intent", params["payment_intent"])
        charge_id = intent["latest_charge"] or ""
    if "charge" in params:
        asked = find_object(account, "charge", params["charge"])["id"]
        charge_id = asked if charge_id in (None, asked) else ""
    return charge_id


def read_charge(call: Call) -> dict[str, Any]:
    return call.expanded(find_object(call.account, "charge", call.id, status=404))


OPERATIONS = (
    Operation(
        "GET", "/v1/charges/{id}", "_charge_retrieve_params", "ChargeRetrieveParams", read_charge
    ),
)
