"""The control address: what happened here, and ways to make things happen. See README.md."""

from dataclasses import asdict
from types import NoneType
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.control_requests import json_of, refused_with, sandbox_of
from stripe_sandbox.events import Event
from stripe_sandbox.faults import read_faults
from stripe_sandbox.pages import templates
from stripe_sandbox.state import Sandbox


async def index(request: Request) -> Response:
    sandbox = sandbox_of(request)
    context = {
        "sandbox": sandbox,
        "sessions": sorted(sandbox.sessions(), key=lambda each: -each.created)[:50],
        "intents": sorted(sandbox.intents(), key=lambda each: -each.body["created"])[:50],
        "requests": list(sandbox.requests)[-50:][::-1],
        "events": sorted(sandbox.events(), key=lambda each: -each.created)[:50],
    }
    return templates.TemplateResponse(request, "index.html", context)


async def list_requests(request: Request) -> Response:
    return JSONResponse({"requests": [asdict(each) for each in sandbox_of(request).requests]})


async def list_events(request: Request) -> Response:
    return JSONResponse({"events": [_event(each) for each in sandbox_of(request).events()]})


async def reset(request: Request) -> Response:
    await sandbox_of(request).reset()
    return JSONResponse({"reset": True})


async def deliver_again(request: Request) -> Response:
    sandbox = sandbox_of(request)
    event = next((e for e in sandbox.events() if e.id == request.path_params["id"]), None)
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
            _configure(sandbox, await json_of(request))
        except ValueError as problem:
            return refused_with(problem, 400)
    return JSONResponse(_config(sandbox))


CONFIGURABLE: dict[str, tuple[type, ...]] = {
    "webhook_url": (str, NoneType),
    "webhooks": (bool,),
    "latency": (int, float),
    "redirect_wait": (int, float),
    "delayed_seconds": (int, float, NoneType),
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
        "delayed_seconds": sandbox.delayed_seconds,
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


async def refused(request: Request, error: Exception) -> Response:
    """Errors of this address are JSON too."""
    assert isinstance(error, HTTPException)
    body = {"error": {"message": error.detail}}
    return JSONResponse(body, error.status_code, error.headers)


ROUTES = [
    Route("/_sandbox/", index),
    Route("/_sandbox/requests", list_requests),
    Route("/_sandbox/events", list_events),
    Route("/_sandbox/reset", reset, methods=["POST"]),
    Route("/_sandbox/events/{id}/deliver", deliver_again, methods=["POST"]),
    Route("/_sandbox/config", config, methods=["GET", "POST"]),
]
