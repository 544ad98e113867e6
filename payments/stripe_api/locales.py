"""The languages of Stripe's page."""

# The shop's languages. Stripe has them under the same codes:
# https://docs.stripe.com/api/checkout/sessions/create ("locale").
LOCALES = ("en", "ru")


def locale_of(language: str) -> str:
    """Stripe's locale for one of the shop's languages. "auto" lets Stripe follow the browser."""
    return language if language in LOCALES else "auto"
