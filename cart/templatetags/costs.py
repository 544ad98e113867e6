"""{% one_piece item as costs %}: what one-click Buy takes for an item, taxes included."""

from django import template

from cart.quote import ItemQuote, quote_item
from store.models import Item

register = template.Library()


@register.simple_tag
def one_piece(item: Item) -> ItemQuote:
    return quote_item(item)
