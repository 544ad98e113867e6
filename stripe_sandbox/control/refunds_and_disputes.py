"""The control address of refunds made in the Dashboard, of their outcome, of disputes and of
fraud warnings. See README.md."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.control.requests import error_response, json_of, last_of, sandbox_of
from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.validation import Params
from stripe_sandbox.lifecycle.disputes import close_dispute, open_dispute, warn_of_fraud
from stripe_sandbox.lifecycle.refunds import FAILURE_REASONS, REASONS, create_refund, finish_refund
from stripe_sandbox.state import Account, Sandbox

TYPES = {"amount": int, "reason": str, "status": str, "payment_intent": str, "charge": str}


async def list_refunds(request: Request) -> Response:
    accounts = sandbox_of(request).accounts.values()
    refunds = [_with(each, refund) for each in accounts for refund in each.refunds.values()]
    return JSONResponse({"refunds": last_of(request, refunds)})


async def list_disputes(request: Request) -> Response:
    accounts = sandbox_of(request).accounts.values()
    disputes = [_with(each, dispute) for each in accounts for dispute in each.disputes.values()]
    return JSONResponse({"disputes": last_of(request, disputes)})


async def refund_in_dashboard(request: Request) -> Response:
    """Refund like the Dashboard of Stripe."""
    sandbox, account, params = await _payment(request)
    if params.get("reason", REASONS[0]) not in REASONS:
        raise HTTPException(400, f"`reason` must be one of {', '.join(REASONS)}.")
    try:
        refund = create_refund(sandbox, account, params)
    except StripeError as error:
        return error_response(error, 409)
    return JSONResponse({"refund": _with(account, refund)})


async def finish(request: Request) -> Response:
    sandbox, wanted = sandbox_of(request), await json_of(request)
    account, refund = _find(sandbox, "refunds", request)
    reason = wanted.get("failure_reason") or "unknown"
    if reason not in FAILURE_REASONS:
        raise HTTPException(400, f"`failure_reason` must be one of {', '.join(FAILURE_REASONS)}.")
    try:
        finish_refund(sandbox, account, refund, wanted.get("status", "succeeded"), reason)
    except StripeError as error:
        return error_response(error, 409)
    return JSONResponse({"refund": _with(account, refund)})


async def dispute(request: Request) -> Response:
    sandbox, account, params = await _payment(request)
    try:
        opened = open_dispute(sandbox, account, params)
    except StripeError as error:
        return error_response(error, 409)
    return JSONResponse({"dispute": _with(account, opened)})


async def fraud_warning(request: Request) -> Response:
    sandbox, account, params = await _payment(request)
    try:
        warning = warn_of_fraud(sandbox, account, params)
    except StripeError as error:
        return error_response(error, 409)
    return JSONResponse({"fraud_warning": _with(account, warning)})


async def close(request: Request) -> Response:
    sandbox, wanted = sandbox_of(request), await json_of(request)
    account, disputed = _find(sandbox, "disputes", request)
    try:
        close_dispute(sandbox, account, disputed, wanted.get("status", "lost"))
    except StripeError as error:
        return error_response(error, 409)
    return JSONResponse({"dispute": _with(account, disputed)})


async def _payment(request: Request) -> tuple[Sandbox, Account, Params]:
    """The account of the payment, and the parameters of the call."""
    wanted = await json_of(request)
    params = {name: value for name, value in wanted.items() if value is not None}
    for name, value in params.items():
        if not isinstance(value, TYPES.get(name, ())) or isinstance(value, bool):
            raise HTTPException(400, f"`{name}` can't be {value!r}.")
    ids = {params[name] for name in ("payment_intent", "charge") if name in params}
    sandbox = sandbox_of(request)
    for account in sandbox.accounts.values():
        if ids and ids <= account.objects.keys():
            return sandbox, account, params
    raise HTTPException(404, "There is no such `payment_intent` or `charge`.")


def _find(sandbox: Sandbox, kept: str, request: Request) -> tuple[Account, dict[str, Any]]:
    for account in sandbox.accounts.values():
        found = getattr(account, kept).get(request.path_params["id"])
        if found is not None:
            return account, found
    raise HTTPException(404, f"There is no such {kept.removesuffix('s')}.")


def _with(account: Account, body: dict[str, Any]) -> dict[str, Any]:
    return {"account": account.name, **body}


ROUTES = [
    Route("/_sandbox/refunds", list_refunds),
    Route("/_sandbox/refund", refund_in_dashboard, methods=["POST"]),
    Route("/_sandbox/refunds/{id}/finish", finish, methods=["POST"]),
    Route("/_sandbox/disputes", list_disputes),
    Route("/_sandbox/disputes", dispute, methods=["POST"]),
    Route("/_sandbox/fraud_warnings", fraud_warning, methods=["POST"]),
    Route("/_sandbox/disputes/{id}/close", close, methods=["POST"]),
]
