"""Reading requests to the control address, and answering with an error."""

from collections.abc import Iterable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stripe_sandbox.state import Sandbox


def sandbox_of(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


async def json_of(request: Request) -> dict[str, Any]:
    """The JSON object in the body, {} for an empty body. Raises `HTTPException` 400."""
    if not await request.body():
        return {}
    try:
        wanted = await request.json()
    except ValueError:
        raise HTTPException(400, "The body is not JSON.") from None
    if not isinstance(wanted, dict):
        raise HTTPException(400, "The body must be a JSON object.")
    return wanted


def last_of[Each](request: Request, items: Iterable[Each]) -> list[Each]:
    """The newest `?last=` items, or all of them."""
    wanted, listed = request.query_params.get("last", ""), list(items)
    return listed[-int(wanted) :] if wanted.isdecimal() and int(wanted) else listed


def error_response(reason: Exception | str, status: int) -> Response:
    return JSONResponse({"error": {"message": str(reason)}}, status)
