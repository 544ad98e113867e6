"""The recipient of a test that pays without a browser."""

from typing import Any

from stripe_sandbox.resources.addresses import WITH_STATE


def with_defaults(shipping: dict[str, Any], *, country: str) -> dict[str, Any]:
    """Shipping details with what is missing: an address in `country`, unless they name another."""
    sent: dict[str, str] = shipping.get("address", {})
    country = sent.get("country", country)
    address = {
        "city": "Springfield",
        "country": country,
        "line1": "1 Main Street",
        "postal_code": "12345",
        **({"state": "CA"} if country in WITH_STATE else {}),
    }
    return {"name": "Ada Buyer", **shipping, "address": address | sent}
