"""Coupons: https://docs.stripe.com/api/coupons"""

from decimal import Decimal

import stripe

from payments.stripe_api import client
from payments.stripe_api.accounts import StripeAccount


def create(
    account: StripeAccount, *, name: str, percent: Decimal | None, amount: int | None, currency: str
) -> str:
    """Create a coupon of `percent` or of `amount` minor units off, and return its id.

    Raises StripeCallFailed.
    """
    with client.call():
        if percent is not None:
            coupon = stripe.Coupon.create(
                name=name, duration="once", percent_off=float(percent), api_key=account.secret_key
            )
        else:
            coupon = stripe.Coupon.create(
                name=name,
                duration="once",
                amount_off=amount or 0,
                currency=currency.lower(),
                api_key=account.secret_key,
            )
    return coupon.id
