"""The origins of what a browser loads. They differ, as at Stripe.

Browsers resolve every name under `localhost` to the local machine.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Origins:
    """`api` is api.stripe.com, and the page of a Checkout Session, too."""

    api: str
    script: str  # js.stripe.com
    frames: str  # b.js.stripe.com
    windows: str  # hooks.stripe.com
    maps: str  # maps.googleapis.com, for an Address Element that completes addresses


def origins(api: str) -> Origins:
    port = urlsplit(api).port
    return Origins(
        api,
        *(f"http://{name}.localhost:{port}" for name in ("js", "b.js", "hooks", "maps")),
    )
