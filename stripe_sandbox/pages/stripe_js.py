"""A small Stripe.js, and the address where it looks up a session."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.http.authentication import account_of_publishable_key
from stripe_sandbox.http.errors import StripeError, no_such
from stripe_sandbox.pages.origins import origins
from stripe_sandbox.pages.rendering import STATIC
from stripe_sandbox.resources.countries import COUNTRIES_TO_SHIP_TO
from stripe_sandbox.state import Sandbox


async def script(request: Request) -> Response:
    """Stripe.js: its files within one function, with the values that the server knows."""
    sandbox: Sandbox = request.app.state.sandbox
    parts = "".join((STATIC / name).read_text() for name in ("elements.js", "stripe.js"))
    text = f'(() => {{\n"use strict";\n{parts}}})();\n'
    values = vars(origins(sandbox.origin)) | {"countries": " ".join(sorted(COUNTRIES_TO_SHIP_TO))}
    for name, value in values.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    return Response(text, media_type="application/javascript", headers=headers)


async def maps(request: Request) -> Response:
    """The script that completes addresses at Stripe; here it does nothing."""
    return Response("", media_type="application/javascript")


async def session_address(request: Request) -> Response:
    """The address of the payment page, for a publishable key of the session's account."""
    try:
        body, status = {"url": _address(request)}, 200
    except StripeError as error:
        body, status = error.body(), error.status
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    return JSONResponse(body, status, headers)


def _address(request: Request) -> str:
    sandbox: Sandbox = request.app.state.sandbox
    key, session_id = request.query_params.get("key", ""), request.path_params["id"]
    account = account_of_publishable_key(key)
    if account is None:
        raise StripeError(f"Invalid API Key provided: {key[:8]}", status=401)
    session = sandbox.find_session(session_id)
    if session is None or session.account != account:
        raise no_such("checkout.session", session_id, param="session", status=404)
    if not session.is_open:
        raise StripeError(f"This Checkout Session has a status of `{session.status}`.")
    return str(sandbox.session_json(session)["url"])


ROUTES = [
    Route("/v3/", script),
    Route("/v3", script),
    Route("/maps/api/js", maps),
    Route("/v3/sessions/{id}", session_address),
]
