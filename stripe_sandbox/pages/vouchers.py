"""The hosted page with the instructions for a voucher or a bank transfer.

Its buttons do what happens outside of the browser at Stripe: the buyer pays, or lets the voucher
expire.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.lifecycle.delayed import finish
from stripe_sandbox.pages.rendering import message, render
from stripe_sandbox.resources.payment_intents.vouchers import expires_at
from stripe_sandbox.state import Sandbox


async def page(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    intent = sandbox.find_intent(request.path_params["id"])
    if intent is None:
        return message(request, "There is no such payment.", status=404)
    if not intent.is_awaited:
        return message(request, "This payment isn't waited for any more.", status=410)
    can_expire = expires_at(intent) is not None
    if request.method == "POST":
        succeed = (await request.form()).get("succeed") == "true"
        if not succeed and not can_expire:
            return message(request, "A bank transfer doesn't expire.", status=409)
        finish(sandbox, intent, succeed=succeed)
        return message(request, "Done. The shop gets an event.")
    return render(request, "voucher.html", {"intent": intent, "can_expire": can_expire}, 200)


ROUTES = [Route("/voucher/{id}", page, methods=["GET", "POST"])]
