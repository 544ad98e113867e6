"""What the frames of all Elements have in common."""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from stripe_sandbox.http.authentication import account_of_publishable_key
from stripe_sandbox.http.bounds import is_url
from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.pages.origins import origins

type Texts = dict[str, str]


def frame_context(request: Request, english: Texts, russian: Texts) -> dict[str, Any]:
    asked = request.query_params
    language, words = texts(request, english, russian)
    return {
        "key": asked.get("key", ""),
        "parent": _origin(asked.get("parent", "")),
        "theme": "night" if asked.get("theme") == "night" else "stripe",
        "language": language,
        "words": words,
        "origins": origins(request.app.state.sandbox.origin),
    }


def account_of(request: Request) -> str:
    """The account of the publishable key. Raises `StripeError` if it isn't one."""
    key = request.query_params.get("key", "")
    account = account_of_publishable_key(key)
    if account is None:
        raise StripeError(f"Invalid API Key provided: {key[:8]}", status=401)
    return account


def texts(request: Request, english: Texts, russian: Texts) -> tuple[str, Texts]:
    """The language of the locale and its texts; English if there are none."""
    language = request.query_params.get("locale", "").partition("-")[0]
    return ("ru", russian) if language == "ru" else ("en", english)


def _origin(address: str) -> str:
    """The origin that the frame exchanges messages with."""
    if not is_url(address):
        return ""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
