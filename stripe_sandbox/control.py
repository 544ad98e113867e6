"""The control address: what happened here, and ways to make things happen. See README.md."""

from dataclasses import asdict
from types import NoneType
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.checkout import FormRefused, PaymentForm, SessionClosed, pay
from stripe_sandbox.errors import StripeError
from stripe_sandbox.events import Event
from stripe_sandbox.faults import read_faults
from stripe_sandbox.pages import templates
from stripe_sandbox.payments import CardDeclined, CardUnknown
from stripe_sandbox.sessions import CheckoutSession
from stripe_sandbox.state import Sandbox

GOOD_CARD = "4242424242424242"


async def index(request: Request) -> Response:
    sandbox = _sandbox(request)
    context = {
        "sandbox": sandbox,
        "sessions": sorted(sandbox.sessions(), key=lambda each: -each.created)[:50],
        "requests": list(sandbox.requests)[-50:][::-1],
        "events": sorted(sandbox.events(), key=lambda each: -each.created)[:50],
    }
    return templates.TemplateResponse(request, "index.html", context)


async def list_requests(request: Request) -> Response:
    return JSONResponse({"requests": [asdict(each) for each in _sandbox(request).requests]})


async def list_events(request: Request) -> Response:
    return JSONResponse({"events": [_event(each) for each in _sandbox(request).events()]})


async def list_sessions(request: Request) -> Response:
    sandbox = _sandbox(request)
    return JSONResponse({"sessions": [_session(sandbox, each) for each in sandbox.sessions()]})


async def reset(request: Request) -> Response:
    await _sandbox(request).reset()
    return JSONResponse({"reset": True})


async def expire(request: Request) -> Response:
    sandbox, session = _sandbox(request), _known_session(request)
    try:
        sandbox.expire(session)
    except StripeError as error:
        return JSONResponse(error.body(), 409)
    return JSONResponse({"session": _session(sandbox, session)})


async def pay_session(request: Request) -> Response:
    sandbox, session = _sandbox(request), _known_session(request)
    wanted = await _json(request)
    form = PaymentForm(wanted.get("email", "buyer@example.com"), wanted.get("card", GOOD_CARD))
    try:
        address = await pay(sandbox, session, form)
    except SessionClosed as refusal:
        return _refused(refusal, 409)
    except CardDeclined as refusal:
        return _refused(refusal, 402)
    except (FormRefused, CardUnknown) as refusal:
        return _refused(refusal, 422)
    return JSONResponse({"session": _session(sandbox, session), "redirect_url": address})


async def deliver_again(request: Request) -> Response:
    sandbox = _sandbox(request)
    event = next((e for e in sandbox.events() if e.id == request.path_params["id"]), None)
    if event is None:
        raise HTTPException(404, "There is no such event.")
    if sandbox.courier.webhook_url is None:
        return _refused(ValueError("There is no webhook_url to deliver to."), 409)
    attempt = await sandbox.courier.deliver(event)
    return JSONResponse({"event": event.id, **asdict(attempt)})


async def config(request: Request) -> Response:
    sandbox = _sandbox(request)
    if request.method == "POST":
        try:
            _configure(sandbox, await _json(request))
        except ValueError as problem:
            return _refused(problem, 400)
    return JSONResponse(_config(sandbox))


CONFIGURABLE: dict[str, tuple[type, ...]] = {
    "webhook_url": (str, NoneType),
    "webhooks": (bool,),
    "latency": (int, float),
    "redirect_wait": (int, float),
    "clock_ahead": (int,),
    "tax_rounding": (str,),
    "percent_rounding": (str,),
    "faults": (list,),
}
LEVELS = ("line", "sum")  # of either rounding


def _configure(sandbox: Sandbox, wanted: dict[str, Any]) -> None:
    """All of it or nothing."""
    for name, value in wanted.items():
        if name not in CONFIGURABLE:
            raise ValueError(f"There is no `{name}` to configure.")
        if not isinstance(value, CONFIGURABLE[name]):
            raise ValueError(f"`{name}` can't be {value!r}.")
        if name.endswith("_rounding") and value not in LEVELS:
            raise ValueError(f"`{name}` is one of {', '.join(LEVELS)}.")
    faults = read_faults(wanted.pop("faults")) if "faults" in wanted else sandbox.faults
    for name, value in wanted.items():
        setattr(sandbox.courier if name in ("webhook_url", "webhooks") else sandbox, name, value)
    sandbox.faults = faults


def _config(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "webhook_url": sandbox.courier.webhook_url,
        "webhooks": sandbox.courier.webhooks,
        "latency": sandbox.latency,
        "redirect_wait": sandbox.redirect_wait,
        "clock_ahead": sandbox.clock_ahead,
        "tax_rounding": sandbox.tax_rounding,
        "percent_rounding": sandbox.percent_rounding,
        "faults": [asdict(each) for each in sandbox.faults],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "account": event.account,
        "created": event.created,
        "object_id": event.subject["id"],
        "acknowledged": event.is_acknowledged,
        "attempts": [asdict(each) for each in event.attempts],
        "payload": event.as_json(),
    }


def _session(sandbox: Sandbox, session: CheckoutSession) -> dict[str, Any]:
    return {"account": session.account, **sandbox.session_json(session)}


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def _known_session(request: Request) -> CheckoutSession:
    session = _sandbox(request).find_session(request.path_params["id"])
    if session is None:
        raise HTTPException(404, "There is no such Checkout Session.")
    return session


async def _json(request: Request) -> dict[str, Any]:
    if not await request.body():
        return {}
    try:
        wanted = await request.json()
    except ValueError:
        raise HTTPException(400, "The body is not JSON.") from None
    if not isinstance(wanted, dict):
        raise HTTPException(400, "The body must be a JSON object.")
    return wanted


def _refused(reason: Exception, status: int) -> Response:
    return JSONResponse({"error": {"message": str(reason)}}, status)


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
