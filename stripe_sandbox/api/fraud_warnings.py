"""The list of early fraud warnings. The control address sends them."""

from typing import Any

from stripe_sandbox.api.charges import charge_filter
from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.pagination import is_within, newest_first
from stripe_sandbox.http.supported_parameters import DISPUTE_LIST, refuse_unsupported


def list_fraud_warnings(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, DISPUTE_LIST)
    account, created = call.account, call.params.get("created", {})
    charge_id = charge_filter(account, call.params)
    body = newest_first(
        account.fraud_warnings,
        call.params,
        url="/v1/radar/early_fraud_warnings",
        fits=lambda warning: (
            is_within(warning["created"], created) and charge_id in (None, warning["charge"])
        ),
        as_json=lambda warning: warning,
    )
    return call.expanded(body)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/radar/early_fraud_warnings",
        "radar/_early_fraud_warning_list_params",
        "EarlyFraudWarningListParams",
        list_fraud_warnings,
    ),
)
