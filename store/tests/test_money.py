import re
from decimal import Decimal

import pytest

from store.money import (
    CURRENCIES,
    MAXIMUM_AMOUNT,
    MINIMUM_AMOUNTS,
    InvalidAmount,
    charge_step,
    decimals,
    format_money,
    from_minor,
    maximum,
    maximum_amount,
    to_minor,
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0.29", "USD", 29),
        ("1.15", "USD", 115),
        ("4.35", "USD", 435),
        ("8.70", "USD", 870),
        ("19.99", "USD", 1999),
        ("500", "JPY", 500),
        ("500.000", "JPY", 500),
        ("1500", "ISK", 150000),
        ("1500", "UGX", 150000),
        ("1.23", "KWD", 1230),
    ],
)
def test_units_and_minor_units_are_converted_as_stripe_counts(
    amount: str, currency: str, minor: int
) -> None:
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(1230, "KWD", "1.230"), (1200, "USD", "12.00"), (12, "JPY", "12"), (1200, "ISK", "12")],
)
def test_units_have_the_decimals_that_buyers_read(minor: int, currency: str, text: str) -> None:
    assert str(from_minor(minor, currency)) == text


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.005", "USD"), ("0.5", "JPY"), ("1.5", "ISK"), ("1.234", "KWD")]
)
def test_an_amount_with_too_many_decimals_is_refused_not_rounded(
    amount: str, currency: str
) -> None:
    with pytest.raises(InvalidAmount):
        to_minor(Decimal(amount), currency)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(InvalidAmount):
        to_minor(Decimal(1), "XXX")


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_every_currency_can_be_converted_and_formatted(currency: str) -> None:
    assert to_minor(from_minor(7000, currency), currency) == 7000
    assert decimals(currency) in (0, 2)
    digits = re.sub(r"\D", "", format_money(7000, currency, "en"))
    assert digits.strip("0") == "7"


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (1999, "USD", "en", "$19.99"),
        (123450, "EUR", "ru", "1 234,50 €"),
        (500, "JPY", "en", "¥500"),
        (150000, "ISK", "en", "ISK1,500"),
        (1230, "KWD", "en", "KWD1.230"),
        (1050, "LAK", "en", "₭10.50"),
    ],
)
def test_amounts_are_written_in_the_readers_language(
    minor: int, currency: str, language: str, text: str
) -> None:
    assert format_money(minor, currency, language).replace("\xa0", " ").replace("LAK", "₭") == text


def test_an_amount_is_formatted_once_for_each_language() -> None:
    format_money.cache_clear()
    texts = [format_money(1999, "EUR", language) for language in ("en", "ru", "en", "ru")]
    assert texts == ["€19.99", "19,99\xa0€"] * 2
    assert format_money.cache_info().misses == 2


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_one_step_above_the_maximum_is_more_than_stripe_accepts(currency: str) -> None:
    step = Decimal(1).scaleb(-decimals(currency))
    assert to_minor(maximum(currency), currency) == maximum_amount(currency) <= MAXIMUM_AMOUNT
    assert to_minor(maximum(currency) + step, currency) > MAXIMUM_AMOUNT


def test_the_minimum_amounts_can_be_converted() -> None:
    for currency, amount in MINIMUM_AMOUNTS.items():
        assert 0 < to_minor(amount, currency) < MAXIMUM_AMOUNT


def test_the_charge_step_of_each_kind_of_currency() -> None:
    codes = ("USD", "JPY", "ISK", "UGX", "KWD")
    assert [charge_step(code) for code in codes] == [1, 1, 100, 100, 10]
