"""Price an order, in integers of minor units. The rules, in words first:

1. A line's subtotal is its unit amount × its quantity.
2. The discount is taken from the order's subtotal: a percentage is rounded half up, once; a fixed
   amount is at most the subtotal. It is spread over the lines in proportion, each share rounded
   down, the remainder on the last line (https://docs.stripe.com/billing/subscriptions/prorations).
3. Tax is on the line after its share of the discount. An exclusive rate is added to it; an
   inclusive one is contained in it: gross − gross / (1 + sum of the inclusive rates). Rates are not
   compounded; an exclusive rate next to an inclusive one is taken on the net. Each line's tax is
   rounded half up per rate, then summed (https://docs.stripe.com/tax/tax-rates, "Rounding").
4. Total = subtotal − discount + exclusive taxes.

Every figure is rounded to the step in which Stripe charges the currency. That is one minor unit in
most currencies, but 100 for ISK and UGX, and 10 where there are three decimals.
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
class TaxRate:
    """A tax of `percentage` per cent, contained in the price where `is_inclusive`."""

    percentage: Decimal
    is_inclusive: bool


@dataclass(frozen=True)
class Shares:
    """What one line carries of the order's discount and of each tax, in minor units."""

    discount: int
    taxes: tuple[int, ...]


@dataclass(frozen=True)
class Totals:
    """All in minor units. `taxes` has one amount for each rate, in the order they were given.

    `shares` has one entry for each line; they add up to `discount` and `taxes`.
    """

    subtotal: int
    discount: int
    taxes: tuple[int, ...]
    total: int
    shares: tuple[Shares, ...] = ()


def total(
    *,
    lines: Sequence[Line],
    discount: PercentOff | AmountOff | None = None,
    taxes: Sequence[TaxRate],
    charge_step: int = 1,
) -> Totals:
    """Price `lines` together, after `discount` and with `taxes`. Never negative.

    `charge_step` is the currency's, in minor units: every figure is a multiple of it.
    """
    subtotal = sum(line.subtotal for line in lines)
    off = _discount(subtotal, discount, charge_step)
    parts = spread(off, [line.subtotal for line in lines], charge_step)
    shares = tuple(
        Shares(part, _line_taxes(line.subtotal - part, taxes, charge_step))
        for line, part in zip(lines, parts, strict=True)
    )
    amounts = tuple(sum(share.taxes[index] for share in shares) for index in range(len(taxes)))
    added = sum(a for a, rate in zip(amounts, taxes, strict=True) if not rate.is_inclusive)
    return Totals(subtotal, off, amounts, total=subtotal - off + added, shares=shares)


def _line_taxes(amount: int, rates: Sequence[TaxRate], charge_step: int) -> tuple[int, ...]:
    """The taxes of one line that costs `amount` after its discount, one for each rate."""
    return tuple(_half_up(_tax(amount, rate, rates), charge_step) for rate in rates)


def _discount(subtotal: int, discount: PercentOff | AmountOff | None, charge_step: int) -> int:
    match discount:
        case PercentOff(percent):
            return min(subtotal, _half_up(subtotal * Fraction(percent) / 100, charge_step))
        case AmountOff(amount):
            return min(subtotal, amount)
    return 0


def spread(amount: int, parts: list[int], charge_step: int) -> list[int]:
    """Spread `amount` in proportion to `parts`, rounded down, the remainder on the last one.

    What the last part can't take goes to those before it, so no line becomes negative.
    """
    whole = sum(parts)
    if not whole:
        return [0] * len(parts)
    shares = [amount * part // whole // charge_step * charge_step for part in parts]
    remainder = amount - sum(shares)
    for index in reversed(range(len(parts))):
        taken = min(remainder, parts[index] - shares[index])
        shares[index] += taken
        remainder -= taken
    return shares


def _tax(amount: int, rate: TaxRate, all_rates: Sequence[TaxRate]) -> Fraction:
    """The tax of one line that costs `amount` after its discount, not rounded."""
    contained = sum((Fraction(r.percentage) / 100 for r in all_rates if r.is_inclusive), Fraction())
    net = Fraction(amount) / (1 + contained)
    return net * Fraction(rate.percentage) / 100


def _half_up(amount: Fraction, charge_step: int) -> int:
    return int(amount / charge_step + Fraction(1, 2)) * charge_step
