"""Bounds and formats that several parameters share. Each check raises `StripeError`."""

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.validation import Params
from stripe_sandbox.money.currencies import (
    CURRENCIES,
    ZERO_DECIMAL_IN_HUNDREDTHS,
    charge_step,
)

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
    if currency not in CURRENCIES:
        raise StripeError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(CURRENCIES))}",
            param=name,
        )


def check_divisible(amount: Decimal | int, currency: str, name: str | None = None) -> None:
    """Check that an amount in minor units can be charged (docs.stripe.com/currencies)."""
    step = charge_step(currency)
    if amount % step == 0:
        return
    if currency in ZERO_DECIMAL_IN_HUNDREDTHS:
        text = (
            f"Invalid amount. Currency {currency.upper()} has become effectively zero-decimal and "
            f"charged amounts must be evenly divisible by {step}."
        )
    else:
        text = f"Invalid integer: {amount}. Amounts in {currency} must be a multiple of {step}."
    raise StripeError(text, param=name, code="parameter_invalid_integer")


def check_positive(params: Params, name: str) -> None:
    if params.get(name, 1) < 1:
        raise StripeError("Invalid positive integer", param=name, code="parameter_invalid_integer")


def check_percentage(percentage: Decimal, name: str, *, least: str, decimals: int) -> None:
    """Check a percentage from `least` to 100 with at most `decimals` decimal places."""
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
    """Check the top-level `metadata` of a call, if there is any."""
    if params.get("metadata"):
        check_metadata(params["metadata"], "metadata")


def check_metadata(metadata: dict[str, str], name: str) -> None:
    """Check number and lengths of keys and values (docs.stripe.com/metadata)."""
    if len(metadata) > 50:
        raise StripeError(
            f"You can have up to 50 metadata keys, but you passed {len(metadata)}.", param=name
        )
    for key, value in metadata.items():
        if len(key) > 40:
            raise StripeError(
                "Metadata keys can have up to 40 characters, but you passed in a key that is "
                f"{len(key)} characters. Invalid key: {key[:40]}",
                param=name,
            )
        if len(value) > 500:
            raise StripeError(
                "Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{len(value)} characters. Invalid value: {value[:40]}",
                param=name,
            )


def is_email(text: str) -> bool:
    return re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", text) is not None


def is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        return False
