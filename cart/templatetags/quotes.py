"""{% quote_item item as quote %}: what one piece costs when it is bought alone, with its taxes."""

from django import template

from cart.quote import quote_item

register = template.Library()
register.simple_tag(quote_item)
