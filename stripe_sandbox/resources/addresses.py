"""Postal addresses: the JSON of Stripe's shipping details, and what an address must have."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.validation import Params
from stripe_sandbox.resources.countries import COUNTRIES

FIELDS = ("city", "country", "line1", "line2", "postal_code", "state")
# Where parcels need no postal code, and where they need a state or province.
WITHOUT_POSTAL_CODE = frozenset(
    """
    AE AG AO AW BF BI BJ BO BS BW BZ CF CG CM DJ DM ER FJ GA GD GH GM GQ GY HK IE JM KI KM KN LC
    ML MO MR MW NR NU PA QA RW SB SC SL SR ST TD TG TK TL TO TT TV UG VU YE ZW
    """.split()
)
WITH_STATE = frozenset("AE AU BR CA CN ES HK ID IN IT JP KR MX TW US".split())


@dataclass(frozen=True)
class Recipient:
    """A name and an address, as a buyer enters them; empty texts where nothing was entered."""

    name: str = ""
    country: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""

    def missing(self) -> Iterator[str]:
        """The required fields that are empty."""
        for name in ("name", "line1", "city", *required_in(self.country)):
            if not getattr(self, name):
                yield name

    def address_json(self) -> dict[str, str | None]:
        return {name: getattr(self, name) or None for name in FIELDS}


RECIPIENT = tuple(field.name for field in fields(Recipient))


def recipient_of(shipping: Params) -> Recipient:
    """The recipient of shipping details like Stripe's: a name and an address."""
    return Recipient(name=shipping.get("name", ""), **shipping.get("address", {}))


def required_in(country: str) -> list[str]:
    """The fields that the addresses of only some countries need."""
    postal_code = [] if country in WITHOUT_POSTAL_CODE else ["postal_code"]
    return postal_code + (["state"] if country in WITH_STATE else [])


def shipping_json(sent: Params) -> dict[str, Any] | None:
    """The `shipping` of a payment intent, from the parameter; None if it is empty."""
    if not sent:
        return None
    address = sent["address"]
    return {
        "address": {name: address.get(name) for name in FIELDS},
        "carrier": sent.get("carrier"),
        "name": sent["name"],
        "phone": sent.get("phone"),
        "tracking_number": sent.get("tracking_number"),
    }


def check_country(country: str | None, name: str) -> None:
    """Raises `StripeError` for a code that isn't that of a country."""
    if country is not None and country not in COUNTRIES:
        raise StripeError(
            f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code "
            "instead, such as 'US', 'EG', or 'GB'.",
            param=name,
        )
