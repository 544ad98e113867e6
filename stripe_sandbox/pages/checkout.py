"""The hosted payment page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stripe_sandbox.lifecycle.checkout import FormError, PaymentForm, SessionClosed, pay
from stripe_sandbox.lifecycle.payments import PaymentDeclined
from stripe_sandbox.pages.rendering import message, render
from stripe_sandbox.resources.addresses import RECIPIENT, Recipient, required_in
from stripe_sandbox.resources.checkout.collection import (
    allowed_countries,
    asks_for_phone,
    asks_for_tax_id,
    asks_for_terms,
)
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.payment_intents.payment_methods import (
    AUTHENTICATION_FAILED,
    UnknownNumber,
)
from stripe_sandbox.state import Sandbox


async def pay_page(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    session = sandbox.find_session(request.path_params["id"])
    if session is None:
        return message(request, "There is no such Checkout Session.", status=404)
    if request.method == "POST":
        return await _pay(request, session)
    if not session.is_open:
        return _closed(request, session)
    return _form(request, session, error=_failed_authentication(request, session), field="card")


def _failed_authentication(request: Request, session: CheckoutSession) -> str | None:
    """The message for a buyer whose authentication with the bank failed."""
    sandbox: Sandbox = request.app.state.sandbox
    intent = sandbox.intent_of(session)
    error = (intent and intent.body["last_payment_error"]) or {}
    failed = error.get("code") == AUTHENTICATION_FAILED.code
    return AUTHENTICATION_FAILED.message if failed else None


async def _pay(request: Request, session: CheckoutSession) -> Response:
    typed = await request.form()
    names = ("email", "card", "iban", "phone", "tax_id")
    form = PaymentForm(
        **{name: str(typed.get(name, "")) for name in names},
        recipient=Recipient(**{name: str(typed.get(name, "")) for name in RECIPIENT}),
        method=str(typed.get("method", "card")),
        accepts_terms="accepts_terms" in typed,
    )
    try:
        address = await pay(request.app.state.sandbox, session, form)
    except SessionClosed:
        return _after_closing(request, session)
    except FormError as refusal:
        return _form(request, session, form, str(refusal), field=refusal.field, status=422)
    except UnknownNumber as refusal:
        return _form(request, session, form, str(refusal), field=refusal.field, status=422)
    except PaymentDeclined as refusal:
        return _form(request, session, form, str(refusal), field="card", status=402)
    return RedirectResponse(address, status_code=303)


def _after_closing(request: Request, session: CheckoutSession) -> Response:
    """After a double click, redirect like the first request."""
    if session.status == "complete":
        return RedirectResponse(session.success_url, status_code=303)
    return _closed(request, session)


def _required_in_all(countries: list[str]) -> set[str]:
    """The fields that the browser can require, whichever country the buyer chooses."""
    return set.intersection(*(set(required_in(country)) for country in countries))


def _closed(request: Request, session: CheckoutSession) -> Response:
    if session.status == "complete":
        return message(request, "This Checkout Session has been completed.", session=session)
    return message(request, "This Checkout Session has expired.", session=session, status=410)


def _form(
    request: Request,
    session: CheckoutSession,
    form: PaymentForm | None = None,
    error: str | None = None,
    *,
    field: str | None = None,
    status: int = 200,
) -> Response:
    countries = allowed_countries(session.params)
    context: dict[str, Any] = {
        "session": session,
        "email": session.params.get("customer_email") or (form.email if form else ""),
        "method": form.method if form else "card",
        "form": form or PaymentForm(email=""),
        "countries": countries,
        "always_required": _required_in_all(countries) if countries else set(),
        "asks_for_phone": asks_for_phone(session.params),
        "asks_for_tax_id": asks_for_tax_id(session.params),
        "terms_url": request.app.state.sandbox.terms_url,
        "asks_for_terms": asks_for_terms(session.params),
        "error": error,
        "field": field if error else None,
    }
    return render(request, "checkout.html", context, status)


ROUTES = [Route("/c/pay/{id}", pay_page, methods=["GET", "POST"])]
