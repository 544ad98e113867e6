"""Templates, their filters, and the page with only a message."""

from pathlib import Path
from typing import Any

from babel import Locale
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from stripe_sandbox.money.currencies import display
from stripe_sandbox.money.rounding import plain
from stripe_sandbox.resources.checkout.sessions import CheckoutSession


def country_name(code: str, language: str = "en") -> str:
    return str(Locale(language).territories.get(code, code))


_HERE = Path(__file__).parent
STATIC = _HERE / "static"
templates = Jinja2Templates(_HERE / "templates")
templates.env.filters["display"] = display
templates.env.filters["plain"] = plain
templates.env.filters["country_name"] = country_name
templates.env.lstrip_blocks = templates.env.trim_blocks = True


def message(
    request: Request, title: str, *, session: CheckoutSession | None = None, status: int = 200
) -> Response:
    return render(request, "message.html", {"title": title, "session": session}, status)


def render(request: Request, name: str, context: dict[str, Any], status: int) -> Response:
    return templates.TemplateResponse(
        request, name, context, status_code=status, headers={"Cache-Control": "no-store"}
    )
