"""Bounds that several of Stripe's parameters share."""

from collections.abc import Mapping
from decimal import Decimal

from stripe_sandbox.errors import StripeError
from stripe_sandbox.metadata import check_metadata
from stripe_sandbox.money.currencies import KNOWN
from stripe_sandbox.validation import Params

_WORDS = {2: "two", 4: "4"}


def check_lengths(params: Params, longest: Mapping[str, int]) -> None:
    for name, most in longest.items():
        if name in params:
            check_length(params[name], most, name)


def check_length(text: str, most: int, name: str) -> None:
    if len(text) > most:
        raise StripeError(
            f"Invalid string: {text[:20]}…; must be at most {most} characters", param=name
        )


def check_currency(currency: str, name: str) -> None:
    if currency not in KNOWN:
        raise StripeError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(KNOWN))}",
            param=name,
        )


def check_positive(params: Params, name: str) -> None:
    if params.get(name, 1) < 1:
        raise StripeError("Invalid positive integer", param=name, code="parameter_invalid_integer")


def check_percentage(percentage: Decimal, name: str, *, least: str, decimals: int) -> None:
    bound = None
    if percentage < Decimal(least):
        bound = f"greater than or equal to {least}"
    elif percentage > 100:
        bound = "less than or equal to 100"
    if bound:
        raise StripeError(
            f"This value must be {bound} (it currently is '{percentage}').", param=name
        )
    if percentage != round(percentage, decimals):
        raise StripeError(
            f"Invalid decimal: {percentage}; must contain at maximum {_WORDS[decimals]} decimal "
            "places.",
            param=name,
        )


def check_own_metadata(params: Params) -> None:
    if params.get("metadata"):
        check_metadata(params["metadata"], "metadata")
