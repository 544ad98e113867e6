"""Discounts and taxes in whole units of a currency. Nothing here is ever a float.

Stripe's account settings decide how tax is rounded, and it does not say how it rounds a percentage
that is taken off several lines; so both can be switched (docs.stripe.com/tax/tax-rates).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Rounding:
    """`tax`: half up per line and rate, or per rate on the sum of the lines. `percent`: the
    discount half up on the sum of the lines, or on every line."""

    tax: str = "line"
    percent: str = "sum"


@dataclass(frozen=True)
class Rate:
    percentage: Decimal
    inclusive: bool


def half_up(amount: Fraction) -> int:
    """For amounts that are not negative."""
    return int(amount + Fraction(1, 2))


def percentage(of: int, percent: Decimal) -> Fraction:
    return of * Fraction(percent) / 100


def percent_shares(subtotals: Sequence[int], percent: Decimal, rounding: Rounding) -> list[int]:
    """What `percent` takes off each line."""
    if rounding.percent == "line":
        return [half_up(percentage(each, percent)) for each in subtotals]
    return fixed_shares(subtotals, half_up(percentage(sum(subtotals), percent)))


def fixed_shares(subtotals: Sequence[int], amount: int) -> list[int]:
    """What `amount`, at most the sum of the lines, takes off each line: in proportion, rounded
    down. The remainder is the last line's, as far as that is not below zero then; and so on
    backwards (docs.stripe.com/billing/subscriptions/prorations)."""
    whole = sum(subtotals)
    amount = min(amount, whole)
    shares = [amount * each // whole if whole else 0 for each in subtotals]
    remainder = amount - sum(shares)
    for position in reversed(range(len(shares))):
        more = min(remainder, subtotals[position] - shares[position])
        shares[position] += more
        remainder -= more
    return shares


def taxable(amount: int, rates: Sequence[Rate]) -> Fraction:
    """What is taxed of a line that costs `amount`: all of it but the taxes contained in it."""
    contained = sum((rate.percentage for rate in rates if rate.inclusive), Decimal())
    return amount / (1 + Fraction(contained) / 100)


def tax(amount: int, rate: Rate, rates: Sequence[Rate]) -> Fraction:
    """The tax at `rate`, one of the line's `rates`, before rounding. Rates are not compounded, and
    an inclusive tax is its part of `amount - amount / (1 + sum of the inclusive rates)`."""
    return taxable(amount, rates) * Fraction(rate.percentage) / 100


def rounded_taxes(exact: Sequence[Fraction], rounding: Rounding) -> list[int]:
    """The tax of each line at one rate."""
    if rounding.tax == "line":
        return [half_up(each) for each in exact]
    # Rounded as it grows, so that the lines add up to the rounded sum and none is a unit off.
    rounded, exactly, so_far = [], Fraction(), 0
    for each in exact:
        exactly += each
        rounded.append(half_up(exactly) - so_far)
        so_far += rounded[-1]
    return rounded


def plain(number: Decimal) -> str:
    """`8.5`, not `8.5000`."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
