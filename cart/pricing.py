"""What an order costs. Pure integers in minor units; the rules are these, in words first.

1. A line's subtotal is its unit amount × its quantity.
2. The discount is taken from the order's subtotal: a percentage is rounded half up, once; a fixed
   amount is at most the subtotal. It is spread over the lines in proportion, each share rounded
   down, the remainder on the last line (https://docs.stripe.com/billing/subscriptions/prorations).
3. Tax is on the line after its share of the discount. An exclusive rate is added to it; an
   inclusive one is contained in it: gross − gross / (1 + sum of the inclusive rates). Rates are not
   compounded; an exclusive rate next to an inclusive one is taken on the net. Each line's tax is
   rounded half up per rate, then summed (https://docs.stripe.com/tax/tax-rates, "Rounding").
4. Total = subtotal − discount + exclusive taxes.

What is rounded is rounded to the currency's coin: the steps in which Stripe charges it. That is one
minor unit nearly everywhere, but 100 for ISK and UGX, and 10 where there are three decimals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Line:
    """`unit_amount` in minor units."""

    unit_amount: int
    quantity: int

    @property
    def subtotal(self) -> int:
        return self.unit_amount * self.quantity


@dataclass(frozen=True)
class PercentOff:
    """`percent` of the subtotal: 25 is a quarter."""

    percent: Decimal


@dataclass(frozen=True)
class AmountOff:
    """`amount` in minor units of the order's currency."""

    amount: int


@dataclass(frozen=True)
class Rate:
    """A tax of `percentage` per cent, contained in the price where `is_inclusive`."""

    percentage: Decimal
    is_inclusive: bool


@dataclass(frozen=True)
class Totals:
    """All in minor units. `taxes` has one amount for each rate, in the order they were given."""

    subtotal: int
    discount: int
    taxes: tuple[int, ...]
    total: int


NOTHING = Totals(subtotal=0, discount=0, taxes=(), total=0)


def total(
    *,
    lines: Sequence[Line],
    discount: PercentOff | AmountOff | None = None,
    taxes: Sequence[Rate],
    coin: int = 1,
) -> Totals:
    """What `lines` cost together, after `discount` and with `taxes`. Never negative."""
    subtotal = sum(line.subtotal for line in lines)
    off = _discount(subtotal, discount, coin)
    shares = _spread(off, [line.subtotal for line in lines], coin)
    reduced = [line.subtotal - share for line, share in zip(lines, shares, strict=True)]
    amounts = tuple(
        sum(_half_up(_tax(each, rate, taxes), coin) for each in reduced) for rate in taxes
    )
    added = sum(a for a, rate in zip(amounts, taxes, strict=True) if not rate.is_inclusive)
    return Totals(subtotal=subtotal, discount=off, taxes=amounts, total=subtotal - off + added)


def _discount(subtotal: int, discount: PercentOff | AmountOff | None, coin: int) -> int:
    match discount:
        case PercentOff(percent):
            return min(subtotal, _half_up(subtotal * Fraction(percent) / 100, coin))
        case AmountOff(amount):
            return min(subtotal, amount)
    return 0


def _spread(amount: int, parts: list[int], coin: int) -> list[int]:
    """`amount` in proportion to `parts`, rounded down, the remainder on the last one.

    What the last one can't take goes to those before it: no line becomes negative.
    """
    whole = sum(parts)
    if not whole:
        return [0] * len(parts)
    shares = [amount * part // whole // coin * coin for part in parts]
    remainder = amount - sum(shares)
    for index in reversed(range(len(parts))):
        taken = min(remainder, parts[index] - shares[index])
        shares[index] += taken
        remainder -= taken
    return shares


def _tax(amount: int, rate: Rate, all_rates: Sequence[Rate]) -> Fraction:
    """The tax of one line that costs `amount` after its discount, not rounded."""
    contained = sum((Fraction(r.percentage) / 100 for r in all_rates if r.is_inclusive), Fraction())
    net = Fraction(amount) / (1 + contained)
    return net * Fraction(rate.percentage) / 100


def _half_up(amount: Fraction, coin: int) -> int:
    return int(amount / coin + Fraction(1, 2)) * coin
