"""Quote one piece of an item, bought alone."""

from dataclasses import dataclass

from cart import pricing
from cart.models import Tax
from cart.quote import QuotedTax, quoted_taxes
from store.models import Item
from store.money import charge_step


@dataclass(frozen=True)
class ItemQuote:
    """What one piece costs when it is bought alone. Amounts in minor units of its currency."""

    taxes: list[QuotedTax]
    total: int


def quote_item(item: Item) -> ItemQuote:
    """Price one piece of `item` with the taxes that apply."""
    taxes = list(Tax.objects.applied())
    totals = pricing.total(
        lines=[pricing.Line(item.amount, 1)],
        taxes=[tax.rate for tax in taxes],
        charge_step=charge_step(item.currency),
    )
    return ItemQuote(taxes=quoted_taxes(taxes, totals), total=totals.total)
