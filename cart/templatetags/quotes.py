"""{% quote_item item as quote %}: what one piece of an item costs with its taxes."""

from django import template

from cart.item_quote import quote_item

register = template.Library()
register.simple_tag(quote_item)
