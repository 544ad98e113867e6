"""The calls about refunds."""

from copy import deepcopy
from typing import Any

from stripe_sandbox.api.charges import charge_filter
from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.bounds import check_own_metadata
from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.pagination import is_within, newest_first
from stripe_sandbox.http.supported_parameters import REFUND, REFUND_LIST, refuse_unsupported
from stripe_sandbox.lifecycle.refunds import create_refund


def make_refund(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, REFUND)
    check_own_metadata(call.params)
    return _answer(call, create_refund(call.sandbox, call.account, call.params, call.cause))


def read_refund(call: Call) -> dict[str, Any]:
    return _answer(call, call.get_or_404(call.account.refunds, "refund"))


def change_refund(call: Call) -> dict[str, Any]:
    """Change the metadata."""
    refund = call.get_or_404(call.account.refunds, "refund")
    before = deepcopy(refund)
    refund["metadata"] = call.metadata(refund["metadata"])
    call.sandbox.emit(call.account.name, "refund.updated", refund, call.cause, before=before)
    return _answer(call, refund)


def cancel_refund(call: Call) -> dict[str, Any]:
    """Refuse. Stripe cancels only refunds that need an action of the buyer; cards' never do."""
    refund = call.get_or_404(call.account.refunds, "refund")
    raise StripeError(
        "Only refunds with a status of `requires_action` can be canceled. This refund has a status "
        f"of `{refund['status']}`."
    )


def list_refunds(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, REFUND_LIST)
    charge_id, created = charge_filter(call.account, call.params), call.params.get("created", {})
    kept = call.account.refunds if charge_id is None else call.account.refunds_of.get(charge_id, {})
    body = newest_first(
        kept,
        call.params,
        url="/v1/refunds",
        fits=lambda refund: is_within(refund["created"], created),
        as_json=lambda refund: refund,
    )
    return _answer(call, body)


def _answer(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Copy the refund, so that later changes don't change an answer kept for its key."""
    return call.expanded(deepcopy(body))


ALL, ONE = "/v1/refunds", "/v1/refunds/{id}"
OPERATIONS = (
    Operation("POST", ALL, "_refund_create_params", "RefundCreateParams", make_refund),
    Operation("GET", ALL, "_refund_list_params", "RefundListParams", list_refunds),
    Operation("GET", ONE, "_refund_retrieve_params", "RefundRetrieveParams", read_refund),
    Operation("POST", ONE, "_refund_update_params", "RefundUpdateParams", change_refund),
    Operation(
        "POST", f"{ONE}/cancel", "_refund_cancel_params", "RefundCancelParams", cancel_refund
    ),
)
