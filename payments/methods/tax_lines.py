"""Which taxes of an order travel to Checkout as tax rates, and which as line items.

Stripe rounds a tax to a minor unit. In a currency whose charge step is larger (ISK, UGX, three
decimals) it would refuse the total, so exclusive taxes are line items there, with our amounts.
"""

from cart.freezing import FrozenOrder
from cart.models import OrderTax
from store.money import charge_step


def taxes_as_line_items(frozen: FrozenOrder) -> list[OrderTax]:
    """The exclusive taxes, if Stripe can't calculate them in this currency."""
    if charge_step(frozen.order.currency) == 1:
        return []
    return [tax for tax in frozen.taxes if not tax.is_inclusive]


def taxes_as_rates(frozen: FrozenOrder) -> list[OrderTax]:
    """The taxes that Stripe calculates."""
    as_line_items = taxes_as_line_items(frozen)
    if as_line_items and frozen.order.discount_amount:
        # Stripe takes a part of the discount from the taxes' line items and the rest from the
        # items, so its figure of an inclusive tax would be too high.
        return []
    return [tax for tax in frozen.taxes if tax not in as_line_items]
