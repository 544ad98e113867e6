"""What every API call has in common: keys, faults, idempotency, headers and the request log."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.api.routes import OPERATIONS
from stripe_sandbox.faults.calls import NO_FAULT, CallFault, next_call_fault, status_error
from stripe_sandbox.fields.checking import report
from stripe_sandbox.http.authentication import (
    account_name,
    is_public,
    masked_authorization,
)
from stripe_sandbox.http.connections import drop
from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.form_encoding import decode
from stripe_sandbox.http.idempotency import FirstUse
from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.parameter_types import api_version
from stripe_sandbox.http.permissions import check_permission
from stripe_sandbox.http.publishable_keys import CORS
from stripe_sandbox.http.versions import version_of
from stripe_sandbox.state import Account, RequestRecord, Sandbox
from stripe_sandbox.webhooks.events import Cause

type Endpoint = Callable[[Request], Awaitable[Response]]


def api_routes() -> list[Route]:
    known = [
        Route(operation.path, _endpoint(operation), methods=[operation.method])
        for operation in OPERATIONS
    ]
    methods = ["GET", "POST", "DELETE", "PUT", "PATCH"]
    preflight = Route("/v1/{path:path}", _preflight, methods=["OPTIONS"])
    return [preflight, *known, Route("/v1/{path:path}", _endpoint(None), methods=methods)]


async def _preflight(request: Request) -> Response:
    """Answer a browser's preflight request from a page of the shop."""
    return Response(headers=CORS)


def _endpoint(operation: Operation | None) -> Endpoint:
    async def answer(request: Request) -> Response:
        sandbox: Sandbox = request.app.state.sandbox
        record = _record(request)
        sandbox.requests.append(record)
        fault = _fault(sandbox, request)
        if fault.drop == "before":
            await drop(request)
            return Response()
        begun = time.monotonic()
        response = await _response(request, operation, record, fault)
        record.seconds = round(time.monotonic() - begun, 4)
        if fault.drop == "after":
            await drop(request)
        else:
            record.status = response.status_code
        return response

    return answer


def _fault(sandbox: Sandbox, request: Request) -> CallFault:
    if sandbox.outage is not None:
        return NO_FAULT
    return next_call_fault(
        sandbox.faults, sandbox.call_random, method=request.method, path=request.url.path
    )


async def _response(
    request: Request, operation: Operation | None, record: RequestRecord, fault: CallFault
) -> Response:
    status = 200
    sandbox: Sandbox = request.app.state.sandbox
    version = request.headers.get("stripe-version", api_version())
    headers = {"Request-Id": record.id, "Stripe-Version": version, **CORS}
    try:
        body = await _perform(request, operation, record, fault)
    except StripeError as error:
        body, status = error.body(), error.status
        record.error = body["error"]
        headers |= error.headers
    report(f"{request.method} {request.url.path}", body, is_public=is_public(request.headers))
    headers["Date"] = formatdate(sandbox.now(), usegmt=True)
    if key := request.headers.get("idempotency-key"):
        headers["Idempotency-Key"] = key
    if record.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(body, status, headers)


async def _perform(
    request: Request, operation: Operation | None, record: RequestRecord, fault: CallFault
) -> dict[str, Any]:
    sandbox: Sandbox = request.app.state.sandbox
    await _outage(sandbox)
    may_be_public = operation is not None and operation.public is not None
    record.account = account_name(request.headers, may_be_public=may_be_public)
    version_of(request.headers)
    record.params = dict(decode(await _form(request)))
    if operation is None:
        raise _unknown_address(request)
    _check_permission(request, record.account)
    if failure := fault.failure(effect="before"):
        raise failure
    return await _perform_once(
        request, operation, record, fault, account=sandbox.account(record.account)
    )


def _check_permission(request: Request, account: str) -> None:
    granted = request.app.state.sandbox.permissions
    check_permission(request.headers, request.method, request.url.path, account, granted)


async def _perform_once(
    request: Request,
    operation: Operation,
    record: RequestRecord,
    fault: CallFault,
    *,
    account: Account,
) -> dict[str, Any]:
    """Act, unless the idempotency key has an answer already."""
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    first = _first_use(account, key, request.url.path, record.params)
    if first.is_over:
        record.replayed = True
        return first.result()
    try:
        await asyncio.sleep(request.app.state.sandbox.latency + (fault.latency or 0))
        try:
            first.answer = _run(request, operation, record, account)
        except StripeError as error:
            if not error.is_kept:
                raise
            first.failure = error
        first.failure = fault.failure(effect="after") or first.failure
    finally:
        if key is not None and not first.is_over:
            account.idempotency.forget(key)
    return first.result()


def _first_use(account: Account, key: str | None, path: str, form: dict[str, Any]) -> FirstUse:
    if key is None:
        return FirstUse(path, form)
    return account.idempotency.begin(key, path=path, form=form)


async def _outage(sandbox: Sandbox) -> None:
    if sandbox.outage == "hang":
        await asyncio.sleep(sandbox.outage_seconds)
        raise status_error(503)
    if sandbox.outage is not None:
        raise status_error(500)


def _run(
    request: Request, operation: Operation, record: RequestRecord, account: Account
) -> dict[str, Any]:
    public = is_public(request.headers)
    call = Call(
        sandbox=request.app.state.sandbox,
        account=account,
        params=operation.read(record.params, is_public=public, version=version_of(request.headers)),
        form=record.params,
        id=request.path_params.get("id", ""),
        cause=Cause(record.id, request.headers.get("idempotency-key")),
        is_public=public,
    )
    return operation.run(call)


async def _form(request: Request) -> str:
    body = (await request.body()).decode("utf-8", "replace")
    kind = request.headers.get("content-type", "").partition(";")[0]
    if body and kind != "application/x-www-form-urlencoded":
        raise StripeError(
            "Invalid request (check that your POST content type is "
            "application/x-www-form-urlencoded)."
        )
    return "&".join(part for part in (request.url.query, body) if part)


def _record(request: Request) -> RequestRecord:
    headers = request.headers
    return RequestRecord(
        id=new_id("req", 14),
        method=request.method,
        path=request.url.path,
        at=time.time(),
        source_port=request.client.port if request.client else None,
        headers={
            "authorization": masked_authorization(headers),
            "idempotency-key": headers.get("idempotency-key"),
            "stripe-version": headers.get("stripe-version"),
            "user-agent": headers.get("user-agent"),
        },
    )


def _unknown_address(request: Request) -> StripeError:
    known = ", ".join(f"{each.method} {each.path}" for each in OPERATIONS)
    return StripeError(
        f"Unrecognized request URL ({request.method}: {request.url.path}). If Stripe has it, the "
        f"local Stripe does not implement it yet; it implements {known}.",
        status=404,
    )
