"""Read Stripe's objects, in which any field may be null, and optional fields may be absent."""

import unicodedata
from typing import Any

import stripe

from payments.stripe_api.types import Recipient

# Categories of Unicode: control characters, and halves of a pair, which have no UTF-8. PostgreSQL
# refuses to store NUL and these halves.
_NOT_STORABLE = ("Cc", "Cs")


def value(stripe_object: object, *path: str) -> Any:
    """The value at `path`; None if a field on the way is null, absent or only an id."""
    found = stripe_object
    for name in path:
        if not isinstance(found, stripe.StripeObject) or name not in found:
            return None
        found = found[name]
    return found


def number(stripe_object: object, *path: str) -> int:
    """The integer at `path`, or 0."""
    found = value(stripe_object, *path)
    return found if isinstance(found, int) else 0


def text(stripe_object: object, *path: str) -> str:
    """The text at `path` without control characters, or ""."""
    found = value(stripe_object, *path)
    return without_control_characters(found) if isinstance(found, str) else ""


def without_control_characters(raw: str) -> str:
    """Remove what a database or a mail's header may refuse; a buyer typed it at Stripe."""
    return "".join(c for c in raw if unicodedata.category(c) not in _NOT_STORABLE).strip()


def id_at(stripe_object: object, *path: str) -> str:
    """The id of the object at `path`, which Stripe sends as an id unless it is expanded."""
    found = value(stripe_object, *path)
    return found if isinstance(found, str) else text(found, "id")


def recipient(stripe_object: object, *path: str, phone: str = "") -> Recipient | None:
    """The recipient in the shipping details at `path`; None if there is no address.

    `phone` is used if these details have no phone number, like those of a session.
    """
    details = value(stripe_object, *path)
    if not isinstance(value(details, "address"), stripe.StripeObject):
        return None
    return Recipient(
        name=text(details, "name"),
        phone=text(details, "phone") or phone,
        line1=text(details, "address", "line1"),
        line2=text(details, "address", "line2"),
        postal_code=text(details, "address", "postal_code"),
        city=text(details, "address", "city"),
        state=text(details, "address", "state"),
        country=text(details, "address", "country"),
    )
