"""manage.py check --deploy warns about currencies that can't be paid, or only half."""

from typing import Any

from django.core.checks.registry import registry

from payments.stripe_api.accounts import StripeAccount
from project.checks import every_currency_can_be_paid

DOLLARS = StripeAccount("default", "sk_test_a", "pk_test_a", "whsec_a")
EUROS = StripeAccount("EUR", "sk_test_b", "pk_test_b", "whsec_b")


def warnings(settings: Any, *accounts: StripeAccount) -> list[tuple[str | None, str]]:
    settings.STRIPE_CURRENCIES = ["USD", "EUR"]
    settings.STRIPE_ACCOUNTS = list(accounts)
    return [(each.id, f"{each.msg} {each.hint}") for each in every_currency_can_be_paid()]


def test_complete_accounts_are_fine(settings: Any) -> None:
    assert warnings(settings, DOLLARS, EUROS) == []
    assert warnings(settings, DOLLARS) == []


def test_a_currency_without_keys(settings: Any) -> None:
    (found,) = warnings(settings, EUROS)
    assert found[0] == "payments.W001"
    assert "USD can't be paid" in found[1]
    assert "STRIPE_SECRET_KEY" in found[1]


def test_a_currency_without_a_webhook_secret(settings: Any) -> None:
    (found,) = warnings(settings, DOLLARS, StripeAccount("EUR", "sk_test_b", "pk_test_b"))
    assert found[0] == "payments.W002"
    assert "Set STRIPE_WEBHOOK_SECRET_EUR to" in found[1]
    (found,) = warnings(settings, StripeAccount("default", "sk_test_a", "pk_test_a"), EUROS)
    assert "Set STRIPE_WEBHOOK_SECRET to" in found[1]


def test_check_deploy_runs_it() -> None:
    check: Any = every_currency_can_be_paid
    assert check in registry.get_checks(include_deployment_checks=True)
    assert check not in registry.get_checks()
