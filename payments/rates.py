"""The coupon and the tax rates of an order at Stripe: made on first use, found by their values."""

import hashlib
from collections.abc import Callable

from cart.models import Order, OrderTax
from payments.models import StripeObject
from payments.stripe_api import coupons, tax_rates
from payments.stripe_api.accounts import StripeAccount
from store.money import coin


def coupon_id(account: StripeAccount, order: Order) -> str | None:
    """The coupon that takes off what the order's discount does. Raises StripeCallFailed."""
    if not order.discount_amount:
        return None
    percent, code = order.discount_percent, order.discount_code
    if coin(order.currency) > 1:
        percent = None  # Stripe would round it to what it then doesn't charge
    amount = None if percent is not None else order.discount_amount
    values = f"{code}|{percent}|{amount}|{order.currency if amount else ''}"
    return _found_or_made(
        "coupon",
        account,
        values,
        lambda: coupons.create(
            account, name=code, percent=percent, amount=amount, currency=order.currency
        ),
    )


def tax_rate_id(account: StripeAccount, tax: OrderTax) -> str:
    """The tax rate with the values of `tax`. Raises StripeCallFailed."""
    values = f"{tax.display_name}|{tax.percentage.normalize():f}|{tax.is_inclusive}|{tax.country}"
    return _found_or_made(
        "tax_rate",
        account,
        values,
        lambda: tax_rates.create(
            account,
            name=tax.display_name,
            percentage=tax.percentage,
            is_inclusive=tax.is_inclusive,
            country=tax.country,
        ),
    )


def forget(account: StripeAccount, order: Order) -> None:
    """Stripe says that one of the order's is gone: the next use makes them anew."""
    known = [tax_rate_id(account, tax) for tax in order.taxes.all()]
    known.append(coupon_id(account, order) or "")
    StripeObject.objects.filter(account=account.name, stripe_id__in=known).delete()


def _found_or_made(kind: str, account: StripeAccount, values: str, make: Callable[[], str]) -> str:
    key = {
        "kind": kind,
        "account": account.name,
        "livemode": account.livemode,
        "fingerprint": hashlib.sha256(values.encode()).hexdigest(),
    }
    found = StripeObject.objects.filter(**key).first()
    if found is None:
        found, _ = StripeObject.objects.get_or_create(**key, defaults={"stripe_id": make()})
    return found.stripe_id
