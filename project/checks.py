"""What `manage.py check --deploy` says about the Stripe accounts. Registered in project/apps.py."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import AccountNotSetUp


def every_currency_can_be_paid(**_options: Any) -> list[CheckMessage]:
    """Warn about each currency without keys and each account without a webhook secret."""
    messages: list[CheckMessage] = []
    for currency in settings.STRIPE_CURRENCIES:
        try:
            account = account_for(currency)
        except AccountNotSetUp:
            hint = f"Set STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY, or STRIPE_…_{currency}."
            messages.append(Warning(f"{currency} can't be paid.", hint=hint, id="payments.W001"))
            continue
        if not account.webhook_secret:
            name = "STRIPE_WEBHOOK_SECRET"
            if account.name == currency:
                name += f"_{currency}"
            hint = f"Set {name} to the signing secret of the endpoint /stripe/webhook."
            text = f"{currency}: payments are only noticed when the buyer comes back."
            messages.append(Warning(text, hint=hint, id="payments.W002"))
    return messages
