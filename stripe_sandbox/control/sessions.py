"""The control address of Checkout Sessions: pay, expire, authenticate. See README.md."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.control.recipients import with_defaults
from stripe_sandbox.control.requests import error_response, json_of, last_of, sandbox_of
from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.lifecycle.checkout import (
    FormError,
    PaymentForm,
    SessionClosed,
    authenticate,
    pay,
)
from stripe_sandbox.lifecycle.payments import PaymentDeclined
from stripe_sandbox.resources.addresses import Recipient, recipient_of
from stripe_sandbox.resources.checkout.collection import allowed_countries
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.payment_intents.payment_methods import GOOD_CARD, UnknownNumber
from stripe_sandbox.state import Sandbox


async def list_sessions(request: Request) -> Response:
    sandbox = sandbox_of(request)
    sessions = last_of(request, sandbox.sessions())
    return JSONResponse({"sessions": [_json(sandbox, each) for each in sessions]})


async def expire(request: Request) -> Response:
    sandbox, session = sandbox_of(request), _known(request)
    try:
        sandbox.expire(session)
    except StripeError as error:
        return JSONResponse(error.body(), 409)
    return JSONResponse({"session": _json(sandbox, session)})


async def pay_session(request: Request) -> Response:
    """Pay like the payment page; with `authenticate`, finish 3-D Secure as well."""
    sandbox, session, wanted = sandbox_of(request), _known(request), await json_of(request)
    shipping = wanted.get("shipping", {})
    form = PaymentForm(
        email=wanted.get("email", "buyer@example.com"),
        card=wanted.get("card", GOOD_CARD),
        iban=wanted.get("iban", ""),
        method=wanted.get("method", "sepa_debit" if "iban" in wanted else "card"),
        phone=wanted.get("phone", shipping.get("phone", "+15555550123")),
        tax_id=wanted.get("tax_id", ""),
        accepts_terms=wanted.get("accepts_terms", True),
        recipient=_recipient(session, shipping),
    )
    try:
        address = await pay(sandbox, session, form)
    except SessionClosed as closed:
        return error_response(closed, 409)
    except PaymentDeclined as declined:
        return error_response(declined, 402)
    except (FormError, UnknownNumber) as wrong:
        return error_response(wrong, 422)
    if session.is_open and "authenticate" in wanted:
        return await _authenticate(sandbox, session, succeed=wanted["authenticate"] is True)
    return JSONResponse({"session": _json(sandbox, session), "redirect_url": address})


def _recipient(session: CheckoutSession, wanted: dict[str, Any]) -> Recipient:
    """Where the buyer wants it: by default at an address in the first allowed country."""
    allowed = allowed_countries(session.params)
    return recipient_of(with_defaults(wanted, country=allowed[0] if allowed else ""))


async def authenticate_session(request: Request) -> Response:
    wanted = await json_of(request)
    succeed = wanted.get("succeed", True) is True
    return await _authenticate(sandbox_of(request), _known(request), succeed=succeed)


async def _authenticate(sandbox: Sandbox, session: CheckoutSession, *, succeed: bool) -> Response:
    try:
        address = await authenticate(sandbox, session, succeed=succeed)
    except SessionClosed as closed:
        return error_response(closed, 409)
    return JSONResponse({"session": _json(sandbox, session), "redirect_url": address})


def _json(sandbox: Sandbox, session: CheckoutSession) -> dict[str, object]:
    return {"account": session.account, **sandbox.session_json(session)}


def _known(request: Request) -> CheckoutSession:
    session = sandbox_of(request).find_session(request.path_params["id"])
    if session is None:
        raise HTTPException(404, "There is no such Checkout Session.")
    return session


ONE = "/_sandbox/sessions/{id}"
ROUTES = [
    Route("/_sandbox/sessions", list_sessions),
    Route(f"{ONE}/expire", expire, methods=["POST"]),
    Route(f"{ONE}/pay", pay_session, methods=["POST"]),
    Route(f"{ONE}/authenticate", authenticate_session, methods=["POST"]),
]
