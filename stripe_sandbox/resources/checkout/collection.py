"""What a session asks the buyer for besides the payment: phone, tax id, consent to terms."""

from dataclasses import dataclass
from typing import Any

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.validation import Params


@dataclass(frozen=True)
class Collected:
    """What the buyer entered; empty texts where nothing was asked or entered."""

    phone: str = ""
    tax_id: str = ""
    accepts_terms: bool = False


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
