"""Which Stripe account takes the money: a currency's own where it has keys, else the default."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from project.environment import StripeKeys

DEFAULT = "default"


class PayingNotSetUp(Exception):
    """No Stripe keys for this currency."""


@dataclass(frozen=True)
class Account:
    """A Stripe account's keys. Every remote id belongs to one, by `name` and `livemode`."""

    name: str
    secret_key: str = field(repr=False)
    publishable_key: str
    webhook_secret: str = field(repr=False)
    livemode: bool


def account_for(currency: str) -> Account:
    """The account that sells in `currency`. Raises PayingNotSetUp."""
    accounts = {account.name: account for account in all_accounts()}
    account = accounts.get(currency) or accounts.get(DEFAULT)
    if account is None:
        raise PayingNotSetUp(currency)
    return account


def account_named(name: str) -> Account:
    """The account of a stored remote id. Raises PayingNotSetUp where its keys are gone."""
    for account in all_accounts():
        if account.name == name:
            return account
    raise PayingNotSetUp(name)


def all_accounts() -> list[Account]:
    """Every account that has keys."""
    given: dict[str, StripeKeys] = settings.STRIPE_ACCOUNTS
    return [
        Account(
            name=currency or DEFAULT,
            secret_key=keys.secret_key,
            publishable_key=keys.publishable_key,
            webhook_secret=keys.webhook_secret,
            livemode=keys.livemode,
        )
        for currency, keys in given.items()
        if keys.secret_key
    ]
