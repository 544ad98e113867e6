"""{% own_hold item=item as hold %}: what the visitor is paying, so that Buy isn't pressed again.

These are limited pieces that are held, and orders whose voucher or bank transfer isn't paid yet.
"""

import math
from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Q
from django.template import Context
from django.utils import timezone

from cart.models import Order, State
from cart.visitor import visitor_of
from payments.models import AWAITED, Payment, PaymentState
from store.models import Item

register = template.Library()


@dataclass(frozen=True)
class OwnHold:
    order: Order
    minutes_left: int
    is_awaited: bool  # the buyer still has to pay a voucher or a bank transfer


@register.simple_tag(takes_context=True)
def own_hold(
    context: Context, *, item: Item | None = None, order: Order | None = None
) -> OwnHold | None:
    """What the visitor is paying: `item`, alone or in the cart, or anything in `order`."""
    visitor = visitor_of(context["request"])
    if not visitor or (order and order.state != State.CHECKOUT):
        return None
    now = timezone.now()
    of_what: dict[str, Any] = {"order": order} if order else {"order__lines__item": item}
    holding = Q(order__lines__held_quantity__gt=0, state=PaymentState.OPEN, expires_at__gt=now)
    payments = Payment.objects.filter(holding | AWAITED, order__visitor=visitor, **of_what)
    payment = payments.select_related("order").first()
    if payment is None:
        return None
    seconds = (payment.expires_at - now).total_seconds()
    return OwnHold(payment.order, math.ceil(seconds / 60), payment.is_awaited)
