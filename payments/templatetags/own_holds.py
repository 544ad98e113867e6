"""{% own_hold item=item as hold %}: the limited pieces that the visitor holds while paying."""

import math
from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from cart.models import Order, State
from cart.visitor import visitor_of
from payments.models import Payment, PaymentState
from store.models import Item

register = template.Library()


@dataclass(frozen=True)
class OwnHold:
    order: Order
    minutes_left: int


@register.simple_tag(takes_context=True)
def own_hold(
    context: Context, *, item: Item | None = None, order: Order | None = None
) -> OwnHold | None:
    """The visitor's hold of `item`, bought alone or in the cart, or of anything in `order`."""
    visitor = visitor_of(context["request"])
    if not visitor or (order and order.state != State.CHECKOUT):
        return None
    now = timezone.now()
    of_what: dict[str, Any] = {"order": order} if order else {"order__lines__item": item}
    payments = Payment.objects.filter(
        order__lines__held_quantity__gt=0,
        order__visitor=visitor,
        state=PaymentState.OPEN,
        expires_at__gt=now,
        **of_what,
    )
    payment = payments.select_related("order").first()
    if payment is None:
        return None
    seconds = (payment.expires_at - now).total_seconds()
    return OwnHold(payment.order, minutes_left=math.ceil(seconds / 60))
