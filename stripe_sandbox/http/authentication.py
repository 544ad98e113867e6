"""The account of a call, from its API key."""

import re
from base64 import b64decode
from binascii import Error as NotBase64

from starlette.datastructures import Headers

from stripe_sandbox.http.errors import StripeError

_SECRET_KEY = re.compile(r"[sr]k_test_([A-Za-z0-9_]+)")
_PUBLISHABLE_KEY = re.compile(r"pk_test_([A-Za-z0-9_]+)")


def is_public(headers: Headers) -> bool:
    """Tell whether the call is made with a publishable key."""
    return _PUBLISHABLE_KEY.fullmatch(presented_key(headers.get("authorization", ""))) is not None


def account_name(headers: Headers, *, may_be_public: bool = False) -> str:
    """The account that the key names; it exists as soon as a key names it.

    Raises `StripeError` 401 for a missing, live or malformed key, and 403 for a publishable key
    unless `may_be_public`.
    """
    key = presented_key(headers.get("authorization", ""))
    if not key:
        raise _unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if re.match(r"[a-z]+_live_", key):
        raise _unauthorized(
            "The local Stripe accepts test keys only: it moves no money. Never use a live key here."
        )
    if match := _PUBLISHABLE_KEY.fullmatch(key):
        if may_be_public:
            return match[1]
        raise StripeError(
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            code="secret_key_required",
            status=403,
        )
    match = _SECRET_KEY.fullmatch(key)
    if match is None:
        raise _unauthorized(f"Invalid API Key provided: {mask(key)}")
    return match[1]


def account_of_publishable_key(key: str) -> str | None:
    match = _PUBLISHABLE_KEY.fullmatch(key)
    return match and match[1]


def masked_authorization(headers: Headers) -> str | None:
    if "authorization" not in headers:
        return None
    scheme = headers["authorization"].partition(" ")[0]
    return f"{scheme} {mask(presented_key(headers['authorization']))}"


def mask(key: str) -> str:
    """The key with only its first 8 characters readable."""
    return key[:8] + "*" * max(0, len(key) - 8)


def presented_key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value).decode().partition(":")[0]
        except (NotBase64, UnicodeDecodeError):
            return ""
    return ""


def _unauthorized(message: str) -> StripeError:
    return StripeError(message, status=401)
