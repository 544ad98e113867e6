"""The calls about disputes, which only read. The control address opens and closes disputes."""

from typing import Any

from stripe_sandbox.api.charges import charge_filter
from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.pagination import is_within, newest_first
from stripe_sandbox.http.supported_parameters import DISPUTE_LIST, refuse_unsupported


def read_dispute(call: Call) -> dict[str, Any]:
    return call.expanded(call.get_or_404(call.account.disputes, "dispute"))


def list_disputes(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, DISPUTE_LIST)
    account, created = call.account, call.params.get("created", {})
    charge_id = charge_filter(account, call.params)
    body = newest_first(
        account.disputes if charge_id is None else account.disputes_of.get(charge_id, {}),
        call.params,
        url="/v1/disputes",
        fits=lambda dispute: is_within(dispute["created"], created),
        as_json=lambda dispute: dispute,
    )
    return call.expanded(body)


ALL, ONE = "/v1/disputes", "/v1/disputes/{id}"
OPERATIONS = (
    Operation("GET", ALL, "_dispute_list_params", "DisputeListParams", list_disputes),
    Operation("GET", ONE, "_dispute_retrieve_params", "DisputeRetrieveParams", read_dispute),
)
