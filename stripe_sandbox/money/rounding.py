"""Discounts and taxes of lines. Amounts are integers in minor units, exact values are fractions.

In a Stripe account, a setting decides how tax is rounded; how Stripe rounds a percentage off
several lines isn't documented. So both are configurable (docs.stripe.com/tax/tax-rates).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Rounding:
    """`tax`: "line" rounds the tax of each line and rate, "sum" that of each rate over all lines.
    `percent`: "sum" rounds the discount of all lines together, "line" that of each line."""

    tax: str = "line"
    percent: str = "sum"


@dataclass(frozen=True)
class Rate:
    """The percentage of a tax rate, and whether prices include the tax."""

    percentage: Decimal
    inclusive: bool


def round_half_up(amount: Fraction) -> int:
    """Round an amount that is not negative."""
    return int(amount + Fraction(1, 2))


def percent_of(amount: int, percent: Decimal) -> Fraction:
    """`percent` of an amount in minor units, before rounding."""
    return amount * Fraction(percent) / 100


def percent_shares(subtotals: Sequence[int], percent: Decimal, rounding: Rounding) -> list[int]:
    """Each line's share of a percentage discount, in minor units."""
    if rounding.percent == "line":
        return [round_half_up(percent_of(each, percent)) for each in subtotals]
    return fixed_shares(subtotals, round_half_up(percent_of(sum(subtotals), percent)))


def fixed_shares(subtotals: Sequence[int], amount: int) -> list[int]:
    """Each line's share of a fixed discount, in minor units. The discount is at most the subtotal.

    Shares are in proportion and rounded down. The remainder goes to the last line, and to those
    before it where the last line would fall below zero
    (docs.stripe.com/billing/subscriptions/prorations).
    """
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
    """The taxable part of a line's `amount` (minor units): without its inclusive taxes."""
    contained = sum((rate.percentage for rate in rates if rate.inclusive), Decimal())
    return amount / (1 + Fraction(contained) / 100)


def tax(amount: int, rate: Rate, rates: Sequence[Rate]) -> Fraction:
    """The tax at `rate`, which is one of the line's `rates`, before rounding.

    Rates are not compounded. All inclusive taxes together are
    `amount - amount / (1 + sum of the inclusive rates)`.
    """
    return taxable(amount, rates) * Fraction(rate.percentage) / 100


def rounded_taxes(exact: Sequence[Fraction], rounding: Rounding) -> list[int]:
    """Each line's tax at one rate, in minor units."""
    if rounding.tax == "line":
        return [round_half_up(each) for each in exact]
    # Round the running sum, so that the lines add up to the rounded total.
    rounded, exact_sum, rounded_sum = [], Fraction(), 0
    for each in exact:
        exact_sum += each
        rounded.append(round_half_up(exact_sum) - rounded_sum)
        rounded_sum += rounded[-1]
    return rounded


def plain(number: Decimal) -> str:
    """The number without trailing zeros: `8.5`, not `8.5000`."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
