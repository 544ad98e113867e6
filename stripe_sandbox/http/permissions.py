"""The permissions of restricted keys (docs.stripe.com/keys/restricted-api-keys)."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers

from stripe_sandbox.http.authentication import mask, presented_key
from stripe_sandbox.http.errors import StripeError

_RESOURCE = re.compile(r"/v1/(?:(checkout|radar)/)?(\w+?)s(?:/|$)")
_SHARED = {"refund": "charge"}  # one row of the Dashboard, "Charges and Refunds"


def check_permission(
    headers: Headers, method: str, path: str, account: str, granted: Collection[str]
) -> None:
    """Raise `StripeError` 403 if the key is restricted and lacks the permission of the call.

    Stripe checks this before the parameters. A permission to write includes reading.
    """
    key = presented_key(headers.get("authorization", ""))
    if not key.startswith("rk_"):
        return
    resource = _resource(path)
    needed = f"rak_{resource}_{'read' if method == 'GET' else 'write'}"
    if {needed, f"rak_{resource}_write"}.isdisjoint(granted):
        raise StripeError(
            f"The provided key '{mask(key)}' does not have the required permissions for this "
            f"endpoint on account 'acct_{account}'. Having the '{needed}' permission would allow "
            "this request to continue.",
            status=403,
        )


def _resource(path: str) -> str:
    match = _RESOURCE.match(path)
    assert match is not None
    name = match[2] if match[1] is None else f"{match[1]}_{match[2]}"
    return _SHARED.get(name, name)
