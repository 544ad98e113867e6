"""The bank's page for 3-D Secure, with a button for each outcome."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stripe_sandbox.lifecycle.checkout import SessionClosed
from stripe_sandbox.lifecycle.three_d_secure import address_after, authenticate
from stripe_sandbox.pages.rendering import message, render
from stripe_sandbox.state import Sandbox


async def page(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    intent = sandbox.find_intent(request.path_params["id"])
    if intent is None:
        return message(request, "There is no such payment.", status=404)
    if request.method == "POST" and intent.status == "succeeded":
        return _go_on(request, address_after(sandbox, intent))
    if not intent.needs_authentication:
        return message(request, "This payment doesn't need authentication.", status=410)
    if request.method != "POST":
        return render(request, "three_d_secure.html", {"intent": intent}, 200)
    typed = await request.form()
    try:
        address = await authenticate(sandbox, intent, succeed=typed.get("succeed") == "true")
    except SessionClosed as closed:
        return message(request, str(closed), status=410)
    return _go_on(request, address)


def _go_on(request: Request, address: str | None) -> Response:
    if address is None:
        return message(request, "Done. The shop gets an event.")
    return RedirectResponse(address, status_code=303)


ROUTES = [Route("/3d_secure/{id}", page, methods=["GET", "POST"])]
