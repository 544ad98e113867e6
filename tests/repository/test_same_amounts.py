"""The shop and the local Stripe know nothing of each other, but count amounts alike."""

import pytest

from store import money
from stripe_sandbox.money import currencies

BOTH = sorted({each.lower() for each in money.CURRENCIES} & currencies.CURRENCIES)


def test_the_largest_amount_is_the_same() -> None:
    assert money.MAXIMUM_AMOUNT == currencies.MAX_AMOUNT


@pytest.mark.parametrize("currency", BOTH)
def test_steps_and_minor_units_are_the_same(currency: str) -> None:
    name = currency.upper()
    assert money.charge_step(name) == currencies.charge_step(currency)
    assert money.from_minor(10_000, name) * currencies.per_unit(currency) == 10_000
