"""The control address of PaymentIntents: pay, authenticate, finish. See README.md."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.control.recipients import with_defaults
from stripe_sandbox.control.requests import error_response, json_of, last_of, sandbox_of
from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.supported_parameters import (
    INTENT_CONFIRM,
    INTENT_VALUES,
    refuse_unsupported,
)
from stripe_sandbox.http.validation import Params
from stripe_sandbox.lifecycle import three_d_secure
from stripe_sandbox.lifecycle.checkout import SessionClosed
from stripe_sandbox.lifecycle.confirmation import confirm
from stripe_sandbox.lifecycle.delayed import finish
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import GOOD_CARD
from stripe_sandbox.resources.payment_intents.vouchers import expires_at
from stripe_sandbox.webhooks.events import NO_REQUEST

SHOP = "https://shop.example/return"


async def list_intents(request: Request) -> Response:
    intents = last_of(request, sandbox_of(request).intents())
    return JSONResponse({"payment_intents": [_intent(each) for each in intents]})


async def pay_intent(request: Request) -> Response:
    """Pay like the Payment Element."""
    intent, wanted = _known(request), await json_of(request)
    params = _as_the_element_sends(wanted)
    try:
        refuse_unsupported(params, INTENT_CONFIRM, INTENT_VALUES)
        confirm(sandbox_of(request), intent, params, NO_REQUEST, is_public=True)
    except StripeError as error:
        status = {"payment_intent_unexpected_state": 409}.get(error.code or "", error.status)
        return JSONResponse(error.body(), 422 if status == 400 else status)
    action = intent.body["next_action"] or {}
    address = action.get("redirect_to_url", {}).get("url")
    return JSONResponse({"payment_intent": _intent(intent), "redirect_url": address})


async def authenticate(request: Request) -> Response:
    intent = _known(request)
    if not intent.needs_authentication:
        return _not_in_that_state(intent)
    succeed = (await json_of(request)).get("succeed", True) is True
    try:
        address = await three_d_secure.authenticate(sandbox_of(request), intent, succeed=succeed)
    except SessionClosed as closed:
        return error_response(closed, 409)
    return JSONResponse({"payment_intent": _intent(intent), "redirect_url": address})


async def finish_intent(request: Request) -> Response:
    """Make the bank answer, or pay a voucher or a bank transfer; `succeed: false` expires it."""
    intent = _known(request)
    if intent.status != "processing" and not intent.is_awaited:
        return _not_in_that_state(intent)
    succeed = (await json_of(request)).get("succeed", True) is True
    if intent.is_awaited and not succeed and expires_at(intent) is None:
        return error_response("A bank transfer doesn't expire.", 409)
    finish(sandbox_of(request), intent, succeed=succeed)
    return JSONResponse({"payment_intent": _intent(intent)})


def _as_the_element_sends(wanted: dict[str, Any]) -> dict[str, Any]:
    email = wanted.get("email", "buyer@example.com")
    method: Params = {"type": "card", "card": {"number": str(wanted.get("card", GOOD_CARD))}}
    if "iban" in wanted:
        method = {"type": "sepa_debit", "sepa_debit": {"iban": str(wanted["iban"])}}
    if "method" in wanted:
        method = {"type": str(wanted["method"])}
    sent = {
        "payment_method_data": {**method, "billing_details": {"email": email}},
        "return_url": wanted.get("return_url", SHOP),
    }
    if "shipping" in wanted:
        sent["shipping"] = with_defaults(wanted["shipping"], country="US")
    return sent


def _not_in_that_state(intent: PaymentIntent) -> Response:
    return error_response(f"The PaymentIntent has a status of {intent.status}.", 409)


def _intent(intent: PaymentIntent) -> dict[str, Any]:
    return {"account": intent.account, **intent.as_json()}


def _known(request: Request) -> PaymentIntent:
    intent = sandbox_of(request).find_intent(request.path_params["id"])
    if intent is None:
        raise HTTPException(404, "There is no such PaymentIntent.")
    return intent


ONE = "/_sandbox/payment_intents/{id}"
ROUTES = [
    Route("/_sandbox/payment_intents", list_intents),
    Route(f"{ONE}/pay", pay_intent, methods=["POST"]),
    Route(f"{ONE}/authenticate", authenticate, methods=["POST"]),
    Route(f"{ONE}/finish", finish_intent, methods=["POST"]),
]
