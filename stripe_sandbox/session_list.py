"""The list of Checkout Sessions, with which a shop looks for what it has missed."""

from typing import Any

from stripe_sandbox.calls import Call, Operation
from stripe_sandbox.http.pagination import is_within, newest_first
from stripe_sandbox.http.supported_parameters import SESSION_LIST, refuse_all_but
from stripe_sandbox.http.validation import Params
from stripe_sandbox.resources.checkout.sessions import CheckoutSession


def list_sessions(call: Call) -> dict[str, Any]:
    refuse_all_but(call.params, SESSION_LIST)
    call.sandbox.expire_overdue()
    body = newest_first(
        call.account.sessions,
        call.params,
        url="/v1/checkout/sessions",
        fits=lambda session: _fits(session, call.params),
        as_json=call.sandbox.session_json,
    )
    return call.expanded(body)


def _fits(session: CheckoutSession, params: Params) -> bool:
    return (
        params.get("payment_intent") in (None, session.payment_intent)
        and params.get("status") in (None, session.status)
        and is_within(session.created, params.get("created", {}))
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/checkout/sessions",
        "checkout/_session_list_params",
        "SessionListParams",
        list_sessions,
    ),
)
