"""{% quote_item item as quote %}: what one piece of an item costs with its shipping and taxes."""

from django import template
from django.template import Context

from cart.item_quote import quote_item
from cart.quote import Quote
from cart.visitor import visitor_of
from store.models import Item

register = template.Library()


@register.simple_tag(takes_context=True, name="quote_item")
def quote_item_for_visitor(context: Context, item: Item) -> Quote:
    return quote_item(item, visitor_of(context["request"]))
