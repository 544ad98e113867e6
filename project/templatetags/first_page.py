"""What the first page of the admin shows, as far as the user may see it."""

from collections.abc import Iterable

from django import template
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.utils import timezone

from cart.models import TO_SHIP, Order
from payments.admin.order_list import NEEDS_ATTENTION, counted
from project.readiness import Finding, findings
from project.sales import Sales, sales
from store.models import Item

register = template.Library()

SHOWN_ITEMS = 10


@register.simple_tag
def orders_to_do(user: AbstractUser) -> dict[str, str]:
    """How many orders there are to ship and to look at."""
    if not any(map(user.has_perm, ("cart.view_order", "cart.ship_order"))):
        return {}
    return {
        "ship": counted(Order.objects.filter(TO_SHIP)),
        "attention": counted(Order.objects.filter(NEEDS_ATTENTION)),
    }


@register.simple_tag
def sold(user: AbstractUser) -> list[Sales]:
    return sales(at=timezone.now()) if user.has_perm("payments.view_payment") else []


@register.simple_tag
def low_stock(user: AbstractUser) -> Iterable[Item]:
    """Listed items with few pieces left, the fewest first."""
    if not user.has_perm("store.view_item") or not settings.LOW_STOCK:
        return []
    return Item.objects.low_in_stock(settings.LOW_STOCK)[:SHOWN_ITEMS]


@register.simple_tag
def missing(user: AbstractUser) -> list[Finding]:
    """What the shop still needs before it can sell. Stripe isn't asked: that would take time."""
    if not user.has_perm("store.change_shop"):
        return []
    return [each for each in findings(asks_stripe=False) if not each.is_fine]
