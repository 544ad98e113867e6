"""Applies the discount to the lines of a session, and then the taxes."""

from stripe_sandbox.money.rounding import (
    Rounding,
    fixed_shares,
    percent_shares,
    round_half_up,
    rounded_taxes,
    tax,
    taxable,
)
from stripe_sandbox.resources.checkout.line_items import LineItem, Tax
from stripe_sandbox.resources.coupons import Coupon
from stripe_sandbox.resources.tax_rates import TaxRate


def apply_discount(lines: list[LineItem], coupon: Coupon, rounding: Rounding) -> None:
    """Set each line's share of the discount."""
    subtotals = [line.amount_subtotal for line in lines]
    if coupon.percent_off is not None:
        shares = percent_shares(subtotals, coupon.percent_off, rounding)
    else:
        shares = fixed_shares(subtotals, coupon.amount_off or 0)
    for line, share in zip(lines, shares, strict=True):
        line.amount_discount = share


def apply_taxes(lines: list[LineItem], rounding: Rounding) -> None:
    """Add the taxes of each line; the discount must be applied already."""
    used = {each.id: each for line in lines for each in line.tax_rates}
    for tax_rate in used.values():
        _apply_tax(tax_rate, [line for line in lines if tax_rate in line.tax_rates], rounding)


def _apply_tax(tax_rate: TaxRate, lines: list[LineItem], rounding: Rounding) -> None:
    exact = [tax(line.amount_discounted, tax_rate.rate, line.rates) for line in lines]
    for line, amount in zip(lines, rounded_taxes(exact, rounding), strict=True):
        taxed = round_half_up(taxable(line.amount_discounted, line.rates))
        line.taxes.append(Tax(tax_rate, amount, taxed))
