"""What is wrong with an amount that `store.money.to_minor` refuses."""

from django.utils.translation import gettext

from store.money import THREE_DECIMAL, decimals


def decimals_error(currency: str) -> str:
    """Say how many decimals an amount of `currency` may have."""
    if currency in THREE_DECIMAL:
        text = gettext("%(currency)s has 3 decimals, and Stripe requires that the last one is 0.")
        return text % {"currency": currency}
    text = gettext("%(currency)s has %(decimals)s decimals; this amount has more.")
    return text % {"currency": currency, "decimals": decimals(currency)}
