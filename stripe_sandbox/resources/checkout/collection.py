"""What a session asks the buyer for besides the payment: address, phone, tax id, consent."""

from dataclasses import dataclass
from typing import Any

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.validation import Params
from stripe_sandbox.resources.addresses import Recipient
from stripe_sandbox.resources.countries import COUNTRIES_TO_SHIP_TO


@dataclass(frozen=True)
class Collected:
    """What the buyer entered; empty texts where nothing was asked or entered."""

    phone: str = ""
    tax_id: str = ""
    accepts_terms: bool = False
    recipient: Recipient | None = None


def allowed_countries(params: Params) -> list[str]:
    """The countries to which the shop sends; none if the session asks for no address."""
    asked = params.get("shipping_address_collection", {})
    countries: list[str] = asked.get("allowed_countries", [])
    return countries


def check_countries(params: Params) -> None:
    """Check that Checkout can collect addresses in these countries."""
    for position, country in enumerate(allowed_countries(params)):
        if country not in COUNTRIES_TO_SHIP_TO:
            name = f"shipping_address_collection[allowed_countries][{position}]"
            known = ", ".join(sorted(COUNTRIES_TO_SHIP_TO))
            raise StripeError(f"Invalid {name}: must be one of {known}", param=name)


def asks_for_phone(params: Params) -> bool:
    return params.get("phone_number_collection", {}).get("enabled") is True


def asks_for_tax_id(params: Params) -> bool:
    return params.get("tax_id_collection", {}).get("enabled") is True


def asks_for_terms(params: Params) -> bool:
    asked = params.get("consent_collection", {}).get("terms_of_service")
    return bool(asked == "required")


def check_terms(params: Params, *, terms_url: str | None) -> None:
    """Check that the Dashboard has the terms to which the session asks for consent."""
    if asks_for_terms(params) and terms_url is None:
        raise StripeError(
            "You cannot collect consent to your terms of service unless a URL is set in the "
            "Stripe Dashboard. Update your public business information in the Stripe Dashboard "
            "https://dashboard.stripe.com/settings/public with a Terms of service URL to collect "
            "terms of service consent.",
            param="consent_collection[terms_of_service]",
        )


def collection_json(params: Params, collected: Collected) -> dict[str, Any]:
    """The fields of a session's JSON. `tax_id_collection` is absent unless it was asked for."""
    fields: dict[str, Any] = {
        "consent": None,
        "consent_collection": None,
        "phone_number_collection": {"enabled": asks_for_phone(params)},
        "shipping_address_collection": params.get("shipping_address_collection"),
    }
    if asked := params.get("consent_collection"):
        fields["consent_collection"] = {
            "payment_method_reuse_agreement": None,
            "promotions": None,
            "terms_of_service": asked.get("terms_of_service"),
        }
    if collected.accepts_terms and asks_for_terms(params):
        fields["consent"] = {"promotions": None, "terms_of_service": "accepted"}
    if "tax_id_collection" in params:
        fields["tax_id_collection"] = {"enabled": asks_for_tax_id(params), "required": "never"}
    return fields


def tax_ids_json(collected: Collected) -> list[dict[str, str]]:
    """The real Stripe finds out the type of the number."""
    return [{"type": "unknown", "value": collected.tax_id}] if collected.tax_id else []


def information_json(collected: Collected) -> dict[str, Any] | None:
    """The `collected_information` of a complete session, None if it didn't ask for an address."""
    recipient = collected.recipient
    if recipient is None:
        return None
    details = {"address": recipient.address_json(), "name": recipient.name}
    return {"business_name": None, "individual_name": None, "shipping_details": details}


def details_json(collected: Collected, *, email: str) -> dict[str, Any]:
    """The `customer_details`. The billing address is the shipping address if there is one, as
    Stripe's page proposes."""
    recipient = collected.recipient or Recipient(country="US")
    return {
        "address": recipient.address_json(),
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": recipient.name or None,
        "phone": collected.phone or None,
        "tax_exempt": "none",
        "tax_ids": tax_ids_json(collected),
    }
