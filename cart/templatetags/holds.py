"""{% is_being_paid item as is_being_paid %}: whether some buyer holds pieces of a sold-out item."""

from django import template

from cart.models import HELD, OrderLine
from store.models import Item

register = template.Library()


@register.simple_tag
def is_being_paid(item: Item) -> bool:
    """Whether pieces may come back: they are held for a payment that isn't finished."""
    held = OrderLine.objects.filter(item=item, held_quantity__gt=0)
    return held.filter(order__state__in=HELD).exists()
