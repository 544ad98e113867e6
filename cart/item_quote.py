"""Quote one piece of an item, bought alone."""

from django.utils import timezone

from cart.models import Order, OrderLine, OrderTax, Tax
from cart.quote import Quote, QuotedLine, price_lines
from store.models import Item


def quote_item(item: Item, visitor: str = "") -> Quote:
    """Price one piece of `item` with the shipping and the taxes that apply.

    It is sent to the country that the visitor has chosen in a cart, or to the default one. The
    quote's order and line aren't stored.
    """
    order = Order(currency=item.currency, visitor=visitor)
    line = OrderLine(order=order, item=item, name=item.name, unit_amount=item.amount)
    return price_lines(order, [QuotedLine(line, item.amount)], at=timezone.now())


def is_current(order: Order, now: Quote) -> bool:
    """Whether a one-click order has the price, shipping and taxes of the quote of its item."""
    line, item = order.lines.get(), now.lines[0].line.item
    if (line.unit_amount, order.currency) != (item.amount, item.currency):
        return False
    shipping = now.shipping.shown if now.shipping else None
    if (order.needs_shipping, order.frozen_shipping) != (now.needs_shipping, shipping):
        return False
    return [_values(tax) for tax in order.taxes.all()] == [_values(each.tax) for each in now.taxes]


def _values(tax: Tax | OrderTax) -> tuple[object, ...]:
    return tax.display_name, tax.percentage, tax.is_inclusive
