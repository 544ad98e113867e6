"""Price an order, in integers of minor units. These are the rules:

1. A line's subtotal is its unit amount × its quantity.
2. The discount is taken from the items' subtotal, never from shipping: a percentage is rounded half
   up, once; a fixed amount is at most the subtotal. For the tax it is spread over the lines and, as
   the last one, shipping, in proportion, each share rounded down, the remainder on the last
   (https://docs.stripe.com/billing/subscriptions/prorations).
3. Shipping is an amount beside the subtotal: 0 where the items cost enough after the discount.
4. Tax is on each line and on shipping after its share of the discount. An exclusive rate is added
   to it; an inclusive one is contained in it: gross − gross / (1 + sum of the inclusive rates).
   Rates are not compounded; an exclusive rate next to an inclusive one is taken on the net. Each
   line's tax is rounded half up per rate, then summed (https://docs.stripe.com/tax/tax-rates,
   "Rounding").
5. Total = subtotal − discount + shipping + exclusive taxes. `cart.freezing` refuses one above
   Stripe's maximum (store.money.MAXIMUM_AMOUNT).

Every amount is rounded to the charge step of the currency: one minor unit in most currencies, 100
in ISK and UGX, 10 in currencies with three decimals (store/money.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Line:
    """Pieces of one item; `unit_amount` is the price of one in minor units."""

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
    """A tax of `percentage` per cent, included in the price where `is_inclusive`."""

    percentage: Decimal
    is_inclusive: bool


@dataclass(frozen=True)
class ShippingPrice:
    """What shipping costs: nothing if the items cost `free_from_amount`. In minor units."""

    amount: int
    free_from_amount: int | None = None

    def amount_for(self, items_amount: int) -> int:
        """The amount for items that cost `items_amount` after the discount."""
        is_free = self.free_from_amount is not None and items_amount >= self.free_from_amount
        return 0 if is_free else self.amount


@dataclass(frozen=True)
class Shares:
    """A share of the order's discount and of each tax: a line's, or that of shipping.

    In minor units.
    """

    discount: int
    taxes: tuple[int, ...]


@dataclass(frozen=True)
class Totals:
    """The amounts of an order, in minor units. `taxes` has one for each rate, in their order.

    `shares` has one entry for each line; with `shipping_share` they add up to `discount` and
    `taxes`.
    """

    subtotal: int
    discount: int
    taxes: tuple[int, ...]
    total: int
    shares: tuple[Shares, ...] = ()
    shipping: int = 0
    shipping_share: Shares = Shares(0, ())


def total(
    *,
    lines: Sequence[Line],
    discount: PercentOff | AmountOff | None = None,
    taxes: Sequence[TaxRate],
    charge_step: int = 1,
    shipping: ShippingPrice | None = None,
) -> Totals:
    """Price `lines` together, after `discount`, with `shipping` and `taxes`. None is negative.

    `charge_step` is that of the currency, in minor units: every amount is a multiple of it.
    """
    subtotal = sum(line.subtotal for line in lines)
    off = _discount(subtotal, discount, charge_step)
    shipping_amount = shipping.amount_for(subtotal - off) if shipping else 0
    parts = [*(line.subtotal for line in lines), shipping_amount]
    shares = [
        Shares(share, _line_taxes(part - share, taxes, charge_step))
        for part, share in zip(parts, spread(off, parts, charge_step), strict=True)
    ]
    amounts = tuple(sum(share.taxes[index] for share in shares) for index in range(len(taxes)))
    added = sum(a for a, rate in zip(amounts, taxes, strict=True) if not rate.is_inclusive)
    return Totals(
        subtotal=subtotal,
        discount=off,
        taxes=amounts,
        total=subtotal - off + shipping_amount + added,
        shares=tuple(shares[:-1]),
        shipping=shipping_amount,
        shipping_share=shares[-1],
    )


def _line_taxes(amount: int, rates: Sequence[TaxRate], charge_step: int) -> tuple[int, ...]:
    """The taxes of a line or of shipping, `amount` after its discount; one for each rate."""
    return tuple(_half_up(_tax(amount, rate, rates), charge_step) for rate in rates)


def _discount(subtotal: int, discount: PercentOff | AmountOff | None, charge_step: int) -> int:
    """The discount in minor units, at most `subtotal`."""
    match discount:
        case PercentOff(percent):
            return min(subtotal, _half_up(subtotal * Fraction(percent) / 100, charge_step))
        case AmountOff(amount):
            return min(subtotal, amount)
    return 0


def spread(amount: int, parts: list[int], charge_step: int) -> list[int]:
    """Spread `amount` in proportion to `parts`, rounded down, with the remainder on the last one.

    A share is at most its part: what is left goes to the part before it. In minor units.
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
    inclusive = sum((Fraction(r.percentage) / 100 for r in all_rates if r.is_inclusive), Fraction())
    net = Fraction(amount) / (1 + inclusive)
    return net * Fraction(rate.percentage) / 100


def _half_up(amount: Fraction, charge_step: int) -> int:
    """Round to the nearest multiple of `charge_step`, a half up."""
    return int(amount / charge_step + Fraction(1, 2)) * charge_step
