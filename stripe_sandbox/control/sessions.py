"""The control address of Checkout Sessions: paying without a browser. See README.md."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.control.requests import json_of, last_of, refused_with, sandbox_of
from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.lifecycle.checkout import (
    FormRefused,
    PaymentForm,
    SessionClosed,
    authenticate,
    pay,
)
from stripe_sandbox.lifecycle.payments import PaymentDeclined
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.payment_intents.payment_methods import GOOD_CARD, NumberUnknown
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
    """With `authenticate`, the bank's page is passed as well."""
    sandbox, session, wanted = sandbox_of(request), _known(request), await json_of(request)
    form = PaymentForm(
        email=wanted.get("email", "buyer@example.com"),
        card=wanted.get("card", GOOD_CARD),
        iban=wanted.get("iban", ""),
        method="sepa_debit" if "iban" in wanted else "card",
    )
    try:
        address = await pay(sandbox, session, form)
    except SessionClosed as closed:
        return refused_with(closed, 409)
    except PaymentDeclined as declined:
        return refused_with(declined, 402)
    except (FormRefused, NumberUnknown) as wrong:
        return refused_with(wrong, 422)
    if session.is_open and "authenticate" in wanted:
        return await _authenticate(sandbox, session, succeed=wanted["authenticate"] is True)
    return JSONResponse({"session": _json(sandbox, session), "redirect_url": address})


async def authenticate_session(request: Request) -> Response:
    wanted = await json_of(request)
    succeed = wanted.get("succeed", True) is True
    return await _authenticate(sandbox_of(request), _known(request), succeed=succeed)


async def _authenticate(sandbox: Sandbox, session: CheckoutSession, *, succeed: bool) -> Response:
    try:
        address = await authenticate(sandbox, session, succeed=succeed)
    except SessionClosed as closed:
        return refused_with(closed, 409)
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
