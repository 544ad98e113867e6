"""The Stripe accounts of the shop: one for each currency with its own keys, and a default one.

The settings build these objects, so this module must not import `stripe` or read a setting on
import.
"""

from dataclasses import dataclass, field

from django.conf import settings

from payments.stripe_api.errors import AccountNotSetUp

DEFAULT = "default"


@dataclass(frozen=True)
class StripeAccount:
    """The keys of one account. Every stored id of Stripe has the `name` and `livemode` of one.

    https://docs.stripe.com/keys
    """

    name: str  # the currency, or DEFAULT
    secret_key: str = field(repr=False)
    publishable_key: str
    webhook_secret: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"account {self.name}"

    @property
    def livemode(self) -> bool:
        return "_live_" in self.secret_key


def account_for(currency: str) -> StripeAccount:
    """The account that sells in `currency`. Raises AccountNotSetUp."""
    accounts = {account.name: account for account in all_accounts()}
    account = accounts.get(currency) or accounts.get(DEFAULT)
    if account is None:
        raise AccountNotSetUp(currency)
    return account


def account_named(name: str) -> StripeAccount:
    """The account of a stored Stripe id. Raises AccountNotSetUp if its keys have been removed."""
    for account in all_accounts():
        if account.name == name:
            return account
    raise AccountNotSetUp(name)


def all_accounts() -> list[StripeAccount]:
    """Every account that has keys, from the settings."""
    accounts: list[StripeAccount] = settings.STRIPE_ACCOUNTS
    return accounts
