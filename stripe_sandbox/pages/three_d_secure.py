"""The bank's page, where a buyer shows that the card is his: two buttons here."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stripe_sandbox.lifecycle import checkout, payments
from stripe_sandbox.pages.rendering import message, render
from stripe_sandbox.resources.payment_intents.payment_intents import PaymentIntent
from stripe_sandbox.state import Sandbox

REDIRECT_STATUS = {"succeeded": "succeeded", "processing": "pending"}


async def page(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    intent = sandbox.find_intent(request.path_params["id"])
    if intent is None:
        return message(request, "There is no such payment.", status=404)
    if request.method == "POST" and intent.status == "succeeded":
        return _go_on(request, _address_after(sandbox, intent))
    if intent.status != "requires_action":
        return message(request, "This payment waits for no authentication.", status=410)
    if request.method != "POST":
        return render(request, "three_d_secure.html", {"intent": intent}, 200)
    typed = await request.form()
    try:
        address = await authenticate(sandbox, intent, succeed=typed.get("succeed") == "true")
    except checkout.SessionClosed as closed:
        return message(request, str(closed), status=410)
    return _go_on(request, address)


async def authenticate(sandbox: Sandbox, intent: PaymentIntent, *, succeed: bool) -> str | None:
    """Where the buyer goes next, if the shop said so. Raises `SessionClosed`."""
    session = sandbox.find_session(intent.session or "")
    if session is not None:
        return await checkout.authenticate(sandbox, session, succeed=succeed)
    payments.authenticate(sandbox, intent, succeed=succeed)
    return _address_after(sandbox, intent)


def _go_on(request: Request, address: str | None) -> Response:
    if address is None:
        return message(request, "Done: the shop will hear of it.")
    return RedirectResponse(address, status_code=303)


def _address_after(sandbox: Sandbox, intent: PaymentIntent) -> str | None:
    """A second press of a button goes where the first one went."""
    session = sandbox.find_session(intent.session or "")
    if session is not None:
        return session.success_url
    return None if intent.return_url is None else return_address(intent, intent.return_url)


def return_address(intent: PaymentIntent, url: str) -> str:
    parts = urlsplit(url)
    added = urlencode(
        {
            "payment_intent": intent.id,
            "payment_intent_client_secret": intent.client_secret,
            "redirect_status": REDIRECT_STATUS.get(intent.status, "failed"),
        }
    )
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


ROUTES = [Route("/3d_secure/{id}", page, methods=["GET", "POST"])]
