"""The ASGI application: all routes, and the background task that lets time pass."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from stripe_sandbox.api.endpoints import api_routes
from stripe_sandbox.control import overview, payment_intents, refunds_and_disputes, sessions
from stripe_sandbox.lifecycle.delayed import finish_overdue
from stripe_sandbox.pages import (
    address_element,
    checkout,
    payment_element,
    rendering,
    stripe_js,
    three_d_secure,
    vouchers,
)
from stripe_sandbox.state import Sandbox

TICK = 1.0  # seconds between two checks for expired sessions and overdue debits


def create_app(sandbox: Sandbox) -> Starlette:
    app = Starlette(
        routes=[
            Route("/", home),
            *api_routes(),
            *checkout.ROUTES,
            *three_d_secure.ROUTES,
            *vouchers.ROUTES,
            *stripe_js.ROUTES,
            *payment_element.ROUTES,
            *address_element.ROUTES,
            Mount("/_sandbox/static", StaticFiles(directory=rendering.STATIC)),
            *overview.ROUTES,
            *sessions.ROUTES,
            *payment_intents.ROUTES,
            *refunds_and_disputes.ROUTES,
        ],
        exception_handlers={HTTPException: overview.http_error},
        lifespan=_lifespan,
    )
    app.state.sandbox = sandbox
    return app


async def home(request: Request) -> Response:
    return RedirectResponse("/_sandbox/")


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    sandbox: Sandbox = app.state.sandbox
    ticking = asyncio.create_task(_tick(sandbox))
    yield
    ticking.cancel()
    await sandbox.delivery.close()


async def _tick(sandbox: Sandbox) -> None:
    while True:
        await asyncio.sleep(TICK)
        sandbox.expire_overdue()
        finish_overdue(sandbox)
