"""The calls by which Stripe's command line pays a session without a browser.

They aren't documented. The parameters are those of stripe/stripe-cli,
pkg/fixtures/triggers/checkout.session.completed.json; the answer is this program's.
"""

from dataclasses import dataclass
from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.errors import StripeError, missing
from stripe_sandbox.http.parameter_types import Shape
from stripe_sandbox.lifecycle.confirmation import find_method
from stripe_sandbox.lifecycle.payment_page import pay_without_a_browser
from stripe_sandbox.resources.addresses import FIELDS, recipient_of


@dataclass(frozen=True)
class UndocumentedOperation(Operation):
    """A call whose parameters the `stripe` library doesn't know."""

    parameters: Shape = Shape("object")

    @property
    def shape(self) -> Shape:
        return self.parameters


def read_page(call: Call) -> dict[str, Any]:
    session = call.session()
    return {
        "object": "payment_page",
        "payment_status": session.payment_status,
        "session_id": session.id,
        "status": session.status,
    }


def confirm_page(call: Call) -> dict[str, Any]:
    session, params = call.session(), call.params
    if not session.is_open:
        raise StripeError(f"This Checkout Session has a status of `{session.status}`.")
    if params.get("expected_amount", session.totals.total) != session.totals.total:
        raise StripeError(
            f"The total of this Checkout Session is {session.totals.total}.",
            param="expected_amount",
            code="checkout_amount_mismatch",
        )
    if "payment_method" not in params:
        raise missing("payment_method")
    name = params["payment_method"]
    billing = call.account.objects.get(name, {}).get("billing_details", {})
    pay_without_a_browser(
        call.sandbox,
        session,
        find_method(call.account, name),
        recipient_of(params.get("shipping", {})),
        email=billing.get("email") or "buyer@example.com",
        cause=call.cause,
    )
    return read_page(call)


_TEXT = Shape("string")
_ADDRESS = Shape("object", dict.fromkeys(FIELDS, _TEXT))
_CONFIRM = Shape(
    "object",
    {
        "expected_amount": Shape("integer"),
        "payment_method": _TEXT,
        "shipping": Shape("object", {"address": _ADDRESS, "name": _TEXT}),
    },
)
PATH = "/v1/payment_pages/{id}"
OPERATIONS = (
    UndocumentedOperation("GET", PATH, "", "", read_page),
    UndocumentedOperation("POST", f"{PATH}/confirm", "", "", confirm_page, parameters=_CONFIRM),
)
