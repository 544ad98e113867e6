"""The control address: what happened here, and ways to make things happen. See README.md."""

from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.checkout import FormRefused, PaymentForm, SessionClosed, pay
from stripe_sandbox.configuration import configuration, configure
from stripe_sandbox.control_requests import json_of, refused_with, sandbox_of
from stripe_sandbox.errors import StripeError
from stripe_sandbox.events import Event
from stripe_sandbox.pages import templates
from stripe_sandbox.payments import CardDeclined, CardUnknown
from stripe_sandbox.sessions import CheckoutSession
from stripe_sandbox.state import Sandbox

GOOD_CARD = "4242424242424242"


async def index(request: Request) -> Response:
    sandbox = sandbox_of(request)
    context = {
        "sandbox": sandbox,
        "sessions": sorted(sandbox.sessions(), key=lambda each: -each.created)[:50],
        "requests": list(sandbox.requests)[-50:][::-1],
        "events": sorted(sandbox.events(), key=lambda each: -each.created)[:50],
    }
    return templates.TemplateResponse(request, "index.html", context)


async def list_requests(request: Request) -> Response:
    records = _last(request, list(sandbox_of(request).requests))
    return JSONResponse({"requests": [asdict(each) for each in records]})


async def list_events(request: Request) -> Response:
    events = _last(request, list(sandbox_of(request).events()))
    return JSONResponse({"events": [_event(each) for each in events]})


async def list_sessions(request: Request) -> Response:
    sandbox = sandbox_of(request)
    return JSONResponse({"sessions": [_session(sandbox, each) for each in sandbox.sessions()]})


async def reset(request: Request) -> Response:
    await sandbox_of(request).reset()
    return JSONResponse({"reset": True})


async def expire(request: Request) -> Response:
    sandbox, session = sandbox_of(request), _known_session(request)
    try:
        sandbox.expire(session)
    except StripeError as error:
        return JSONResponse(error.body(), 409)
    return JSONResponse({"session": _session(sandbox, session)})


async def pay_session(request: Request) -> Response:
    sandbox, session = sandbox_of(request), _known_session(request)
    wanted = await json_of(request)
    form = PaymentForm(wanted.get("email", "buyer@example.com"), wanted.get("card", GOOD_CARD))
    try:
        address = await pay(sandbox, session, form)
    except SessionClosed as refusal:
        return refused_with(refusal, 409)
    except CardDeclined as refusal:
        return refused_with(refusal, 402)
    except (FormRefused, CardUnknown) as refusal:
        return refused_with(refusal, 422)
    return JSONResponse({"session": _session(sandbox, session), "redirect_url": address})


async def deliver_again(request: Request) -> Response:
    sandbox = sandbox_of(request)
    event = sandbox.find_event(request.path_params["id"])
    if event is None:
        raise HTTPException(404, "There is no such event.")
    if sandbox.courier.webhook_url is None:
        return refused_with(ValueError("There is no webhook_url to deliver to."), 409)
    attempt = await sandbox.courier.deliver(event)
    return JSONResponse({"event": event.id, **asdict(attempt)})


async def config(request: Request) -> Response:
    sandbox = sandbox_of(request)
    if request.method == "POST":
        try:
            configure(sandbox, await json_of(request))
        except ValueError as problem:
            return refused_with(problem, 400)
    return JSONResponse(configuration(sandbox))


def _last[Each](request: Request, all_of_them: list[Each]) -> list[Each]:
    """As many of the newest as `?last=` asks for: after thousands of calls all is a lot."""
    wanted = request.query_params.get("last", "")
    return all_of_them[-int(wanted) :] if wanted.isdecimal() and int(wanted) else all_of_them


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "account": event.account,
        "created": event.created,
        "object_id": event.subject["id"],
        "acknowledged": event.is_acknowledged,
        "fault": event.fault,
        "attempts": [asdict(each) for each in event.attempts],
        "payload": event.as_json(),
    }


def _session(sandbox: Sandbox, session: CheckoutSession) -> dict[str, Any]:
    return {"account": session.account, **sandbox.session_json(session)}


def _known_session(request: Request) -> CheckoutSession:
    session = sandbox_of(request).find_session(request.path_params["id"])
    if session is None:
        raise HTTPException(404, "There is no such Checkout Session.")
    return session


async def refused(request: Request, error: Exception) -> Response:
    """Errors of this address are JSON too."""
    assert isinstance(error, HTTPException)
    body = {"error": {"message": error.detail}}
    return JSONResponse(body, error.status_code, error.headers)


ROUTES = [
    Route("/_sandbox/", index),
    Route("/_sandbox/requests", list_requests),
    Route("/_sandbox/events", list_events),
    Route("/_sandbox/sessions", list_sessions),
    Route("/_sandbox/reset", reset, methods=["POST"]),
    Route("/_sandbox/sessions/{id}/expire", expire, methods=["POST"]),
    Route("/_sandbox/sessions/{id}/pay", pay_session, methods=["POST"]),
    Route("/_sandbox/events/{id}/deliver", deliver_again, methods=["POST"]),
    Route("/_sandbox/config", config, methods=["GET", "POST"]),
]
