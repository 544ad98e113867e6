"""The permissions of a restricted key: https://docs.stripe.com/keys/restricted-api-keys"""

from collections.abc import Callable, Iterator
from typing import Any

import stripe

from payments.stripe_api import client
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import PermissionMissing, StripeRefused

# For each permission in docs/deployment.md a call that changes nothing: it only reads, or it is
# about an object that doesn't exist, or a value is missing. Stripe checks the permission first.
CALLS: dict[str, Callable[..., Any]] = {
    "Checkout Sessions: Write": lambda **key: stripe.checkout.Session.expire("cs_none", **key),
    "Payment Intents: Write": lambda **key: stripe.PaymentIntent.cancel("pi_none", **key),
    "Charges and Refunds: Write": lambda **key: stripe.Refund.create(
        payment_intent="pi_none", **key
    ),
    "Disputes: Read": lambda **key: stripe.Dispute.list(limit=1, **key),
    "Radar early fraud warnings: Read": lambda **key: stripe.radar.EarlyFraudWarning.list(
        limit=1, **key
    ),
    "Coupons: Write": lambda **key: stripe.Coupon.create(**key),
    "Tax Rates: Write": lambda **key: stripe.TaxRate.create(**key),
}


def missing(account: StripeAccount) -> Iterator[str]:
    """The permissions that the account's key lacks; none if it isn't restricted.

    Raises StripeCallFailed.
    """
    if not account.secret_key.startswith("rk_"):
        return
    for permission, call in CALLS.items():
        try:
            with client.call():
                call(api_key=account.secret_key)
        except PermissionMissing:
            yield permission
        except StripeRefused:
            continue
