"""Tax rates: https://docs.stripe.com/api/tax_rates"""

from decimal import Decimal

import stripe

from payments.stripe_api import client, reading
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import NotFoundAtStripe


def create(
    account: StripeAccount, *, name: str, percentage: Decimal, is_inclusive: bool, country: str
) -> str:
    """Create a tax rate and return its id. Raises StripeCallFailed.

    `country` is a two-letter code, or empty.
    """
    with client.call():
        tax_rate = stripe.TaxRate.create(
            display_name=name,
            percentage=float(percentage),  # the library's type; exact for up to four decimals
            inclusive=is_inclusive,
            country=country or None,  # type: ignore[arg-type]  # the library drops None
            api_key=account.secret_key,
        )
    return tax_rate.id


def is_active(account: StripeAccount, tax_rate_id: str) -> bool:
    """Whether the account has this tax rate, and it isn't archived. Raises StripeCallFailed."""
    try:
        with client.call():
            tax_rate = stripe.TaxRate.retrieve(tax_rate_id, api_key=account.secret_key)
    except NotFoundAtStripe:
        return False
    return bool(reading.value(tax_rate, "active"))
