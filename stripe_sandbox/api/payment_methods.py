"""The call that makes a payment method of one of Stripe's test tokens."""

from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.bounds import check_own_metadata
from stripe_sandbox.http.errors import missing, no_such
from stripe_sandbox.http.supported_parameters import (
    PAYMENT_METHOD,
    PAYMENT_METHOD_VALUES,
    refuse_unsupported,
)
from stripe_sandbox.resources.payment_intents.as_json import method_json
from stripe_sandbox.resources.payment_intents.payment_methods import find_token


def make_method(call: Call) -> dict[str, Any]:
    params = call.params
    refuse_unsupported(params, PAYMENT_METHOD, PAYMENT_METHOD_VALUES)
    check_own_metadata(params)
    for name in ("type", "card"):
        if name not in params:
            raise missing(name)
    if "token" not in params["card"]:
        raise missing("card[token]")
    token = params["card"]["token"]
    instrument = find_token(token)
    if instrument is None:
        raise no_such("token", token, param="card[token]")
    method = method_json(
        instrument, billing=params.get("billing_details", {}), now=call.sandbox.now()
    )
    method["metadata"] = params.get("metadata") or {}
    call.account.objects[method["id"]] = method
    call.account.instruments[method["id"]] = instrument
    return call.expanded(method)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/payment_methods",
        "_payment_method_create_params",
        "PaymentMethodCreateParams",
        make_method,
    ),
)
