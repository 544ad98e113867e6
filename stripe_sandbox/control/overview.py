"""The control address: the overview, requests, events, configuration and reset. See README.md."""

from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.control.configuration import configuration, configure
from stripe_sandbox.control.requests import error_response, json_of, last_of, sandbox_of
from stripe_sandbox.pages.rendering import templates
from stripe_sandbox.webhooks.events import Event


async def index(request: Request) -> Response:
    sandbox = sandbox_of(request)
    context = {
        "sandbox": sandbox,
        "sessions": sorted(sandbox.sessions(), key=lambda each: -each.created)[:50],
        "intents": sorted(sandbox.intents(), key=lambda each: -each.body["created"])[:50],
        "requests": list(sandbox.requests)[-50:][::-1],
        "events": sorted(sandbox.events(), key=lambda each: -each.created)[:50],
    }
    return templates.TemplateResponse(request, "overview.html", context)


async def list_requests(request: Request) -> Response:
    records = last_of(request, sandbox_of(request).requests)
    return JSONResponse({"requests": [asdict(each) for each in records]})


async def list_events(request: Request) -> Response:
    events = last_of(request, sandbox_of(request).events())
    return JSONResponse({"events": [_event(each) for each in events]})


async def reset(request: Request) -> Response:
    await sandbox_of(request).reset()
    return JSONResponse({"reset": True})


async def deliver_again(request: Request) -> Response:
    """Make one more attempt to deliver an event, without any fault."""
    sandbox = sandbox_of(request)
    event = sandbox.find_event(request.path_params["id"])
    if event is None:
        raise HTTPException(404, "There is no such event.")
    if sandbox.delivery.webhook_url is None:
        return error_response("There is no webhook_url to deliver to.", 409)
    attempt = await sandbox.delivery.deliver(event)
    return JSONResponse({"event": event.id, **asdict(attempt)})


async def config(request: Request) -> Response:
    sandbox = sandbox_of(request)
    if request.method == "POST":
        try:
            configure(sandbox, await json_of(request))
        except ValueError as problem:
            return error_response(problem, 400)
    return JSONResponse(configuration(sandbox))


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


async def http_error(request: Request, error: Exception) -> Response:
    """Answer with JSON."""
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
