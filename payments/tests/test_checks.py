"""manage.py check --deploy tells which currencies can't be paid, or only half."""

from typing import Any

from payments.checks import every_currency_can_be_paid
from payments.stripe_api.accounts import StripeAccount

DOLLARS = StripeAccount("default", "sk_test_a", "pk_test_a", "whsec_a")
EUROS = StripeAccount("EUR", "sk_test_b", "pk_test_b", "whsec_b")


def told(settings: Any, *accounts: StripeAccount) -> list[tuple[str | None, str]]:
    settings.STRIPE_CURRENCIES = ["USD", "EUR"]
    settings.STRIPE_ACCOUNTS = list(accounts)
    return [(each.id, f"{each.msg} {each.hint}") for each in every_currency_can_be_paid()]


def test_complete_accounts_are_fine(settings: Any) -> None:
    assert told(settings, DOLLARS, EUROS) == []
    assert told(settings, DOLLARS) == []


def test_a_currency_without_keys(settings: Any) -> None:
    (found,) = told(settings, EUROS)
    assert found[0] == "payments.W001"
    assert "USD can't be paid" in found[1]
    assert "STRIPE_SECRET_KEY" in found[1]


def test_a_currency_without_a_webhook_secret(settings: Any) -> None:
    (found,) = told(settings, DOLLARS, StripeAccount("EUR", "sk_test_b", "pk_test_b"))
    assert found[0] == "payments.W002"
    assert "Set STRIPE_WEBHOOK_SECRET_EUR to" in found[1]
    (found,) = told(settings, StripeAccount("default", "sk_test_a", "pk_test_a"), EUROS)
    assert "Set STRIPE_WEBHOOK_SECRET to" in found[1]
