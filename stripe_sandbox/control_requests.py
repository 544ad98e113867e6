"""What the calls of the control address have in common."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stripe_sandbox.state import Sandbox


def sandbox_of(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


async def json_of(request: Request) -> dict[str, Any]:
    if not await request.body():
        return {}
    try:
        wanted = await request.json()
    except ValueError:
        raise HTTPException(400, "The body is not JSON.") from None
    if not isinstance(wanted, dict):
        raise HTTPException(400, "The body must be a JSON object.")
    return wanted


def refused_with(reason: Exception, status: int) -> Response:
    return JSONResponse({"error": {"message": str(reason)}}, status)
