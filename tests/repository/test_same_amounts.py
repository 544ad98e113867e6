"""The shop and the local Stripe know nothing of each other, but count amounts alike."""

from decimal import Decimal

import pytest

from store import money
from store.countries import COUNTRIES
from stripe_sandbox.money import currencies
from stripe_sandbox.resources import countries

SHOPS = {each.lower() for each in money.CURRENCIES}
BOTH = sorted(SHOPS & currencies.CURRENCIES)
# An older list of Stripe's has the Salvadoran colón, and a newer one more minimum amounts.
ONLY_IN_THE_SHOP = {"svc"}
MINIMUMS_ONLY_IN_THE_SHOP = {"ars", "cop", "idr", "ils", "php", "rub", "zar"}


def test_the_currencies_are_the_same() -> None:
    assert SHOPS - currencies.CURRENCIES == ONLY_IN_THE_SHOP
    assert currencies.CURRENCIES <= SHOPS


def test_currencies_that_were_replaced_are_gone() -> None:
    """Bulgaria has the euro since 2026, the Antillean guilder became the Caribbean one in 2025."""
    assert {"bgn", "ang"}.isdisjoint(SHOPS | currencies.CURRENCIES)
    assert "xcg" in BOTH


def test_the_minimum_amounts_are_the_same() -> None:
    shops = {name.lower(): amount for name, amount in money.MINIMUM_AMOUNTS.items()}
    assert shops.keys() - currencies.MINIMUMS.keys() == MINIMUMS_ONLY_IN_THE_SHOP
    theirs = {name: Decimal(amount) for name, amount in currencies.MINIMUMS.items()}
    assert theirs.items() <= shops.items()


def test_the_largest_amount_is_the_same() -> None:
    assert money.MAXIMUM_AMOUNT == currencies.MAX_AMOUNT


@pytest.mark.parametrize("currency", BOTH)
def test_steps_and_minor_units_are_the_same(currency: str) -> None:
    name = currency.upper()
    assert money.charge_step(name) == currencies.charge_step(currency)
    assert money.from_minor(10_000, name) * currencies.per_unit(currency) == 10_000


def test_the_countries_of_taxes_are_the_same() -> None:
    assert COUNTRIES == countries.COUNTRIES
