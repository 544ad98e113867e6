"""Tell a page about the voucher or bank transfer of an order, and whether it may be paid.

{% awaited_payment order as payment %}, {% has_payable_transfer order as is_payable %},
{% may_be_paid order as is_unknown %}
"""

from django import template

from cart.models import Order
from payments.alerts import Alert
from payments.models import AWAITED, ENDED_BUT_PAYABLE, Payment

register = template.Library()


@register.simple_tag
def awaited_payment(order: Order) -> Payment | None:
    """The payment whose voucher or bank transfer the buyer still has to pay."""
    return Payment.objects.filter(AWAITED, order=order).first()


@register.simple_tag
def has_payable_transfer(order: Order) -> bool:
    """Whether the order has a bank transfer that has ended here, but not at Stripe."""
    return Payment.objects.filter(ENDED_BUT_PAYABLE, order=order).exists()


@register.simple_tag
def may_be_paid(order: Order) -> bool:
    """Whether staff must find out at Stripe if the order was paid."""
    unknown = order.alerts.filter(reason=Alert.UNKNOWN_AT_STRIPE, resolved_at=None)
    return unknown.exists()
