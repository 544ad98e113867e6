"""{% awaited_payment order as payment %}: the voucher or bank transfer that an order waits for."""

from django import template

from cart.models import Order, State
from payments.models import AWAITED, Payment

register = template.Library()


@register.simple_tag
def awaited_payment(order: Order) -> Payment | None:
    """The payment whose voucher or bank transfer the buyer still has to pay."""
    if order.state != State.PROCESSING:
        return None
    return Payment.objects.filter(AWAITED, order=order).first()
