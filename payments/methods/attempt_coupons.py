"""Coupons that one attempt uses: those of orders with shipping.

A percentage off would be taken from the shipping line item too, so the discount of such an order is
a fixed amount, and its coupon is of no use to any other order.
"""

import secrets
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from cart.models import Order
from payments.models import PENDING, Kind, Payment
from payments.stripe_api import coupons
from payments.stripe_api.accounts import StripeAccount, account_named

# A coupon that can't be deleted for so long after its attempt stays at Stripe, where nobody can
# use it.
GIVE_UP_AFTER = timedelta(days=7)


def new_id(order: Order, kind: Kind) -> str:
    """An id for the coupon of a new attempt; "" if the attempt needs none.

    It is stored before the coupon is created, so that a crash leaves no unknown coupon behind.
    """
    if kind != Kind.CHECKOUT or not (order.has_shipping and order.discount_amount):
        return ""
    return f"{order.number}-{secrets.token_hex(4)}"


def create(account: StripeAccount, payment: Payment, order: Order) -> None:
    """Create the attempt's coupon, unless it exists. Raises StripeCallFailed."""
    coupons.create_for_one_payment(
        account,
        payment.coupon_id,
        name=order.discount_code,
        amount=order.discount_amount,
        currency=order.currency,
    )


def replace(account: StripeAccount, payment: Payment) -> None:
    """Give the attempt another coupon, if it has one: Stripe has refused it, or a tax rate.

    Raises StripeCallFailed.
    """
    if not payment.coupon_id:
        return
    coupons.delete(account, payment.coupon_id)
    # If another request of the same attempt was quicker, its coupon stays.
    refused = Payment.objects.filter(pk=payment.pk, coupon_id=payment.coupon_id)
    refused.update(coupon_id=new_id(payment.order, Kind(payment.kind)))
    payment.refresh_from_db(fields=["coupon_id"])


def to_delete(at: datetime) -> QuerySet[Payment]:
    """The ended attempts that still have a coupon.

    The session of an attempt without Stripe's answer may be open until its time is over.
    """
    has_ended = ~Q(state__in=PENDING) & (~Q(stripe_id="") | Q(expires_at__lte=at))
    since = at - GIVE_UP_AFTER
    is_recent = Q(updated_at__gt=since) | Q(expires_at__gt=since)
    # In the order of the index, so that SQLite uses it.
    return Payment.objects.filter(has_ended, is_recent, coupon_id__gt="").order_by("coupon_id")


def delete(payment: Payment) -> None:
    """Delete the attempt's coupon. Raises AccountNotSetUp, StripeCallFailed."""
    coupons.delete(account_named(payment.account), payment.coupon_id)
    Payment.objects.filter(pk=payment.pk).update(coupon_id="")
