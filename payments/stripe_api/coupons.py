"""Coupons: https://docs.stripe.com/api/coupons"""

from contextlib import suppress
from decimal import Decimal

import stripe

from payments.stripe_api import client
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import AlreadyAtStripe, NotFoundAtStripe


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


def create_for_one_payment(
    account: StripeAccount, coupon_id: str, *, name: str, amount: int, currency: str
) -> None:
    """Create a coupon of `amount` minor units off that one payment can use, unless it exists.

    Raises StripeCallFailed.
    """
    with suppress(AlreadyAtStripe), client.call():
        stripe.Coupon.create(
            id=coupon_id,
            name=name,
            duration="once",
            amount_off=amount,
            currency=currency.lower(),
            max_redemptions=1,
            api_key=account.secret_key,
        )


def delete(account: StripeAccount, coupon_id: str) -> None:
    """Delete a coupon. One that was deleted already is no error. Raises StripeCallFailed."""
    with suppress(NotFoundAtStripe), client.call():
        stripe.Coupon.delete(coupon_id, api_key=account.secret_key)
