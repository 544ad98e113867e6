"""The coupon and the tax rates of an order at Stripe: made on first use, found by their values."""

import hashlib
from collections.abc import Callable

from cart.models import Order, OrderTax
from payments import gateway
from payments.accounts import Account
from payments.models import StripeObject
from store.money import coin


def coupon_id(account: Account, order: Order) -> str | None:
    """The coupon that takes off what the order's discount does. Raises GatewayError."""
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
        lambda: gateway.create_coupon(
            account, name=code, percent=percent, amount=amount, currency=order.currency
        ),
    )


def tax_rate_id(account: Account, tax: OrderTax) -> str:
    """The tax rate with the values of `tax`. Raises GatewayError."""
    values = f"{tax.display_name}|{tax.percentage.normalize():f}|{tax.is_inclusive}|{tax.country}"
    return _found_or_made(
        "tax_rate",
        account,
        values,
        lambda: gateway.create_tax_rate(
            account,
            name=tax.display_name,
            percentage=tax.percentage,
            is_inclusive=tax.is_inclusive,
            country=tax.country,
        ),
    )


def forget(account: Account, order: Order) -> None:
    """Stripe says that one of the order's is gone: the next use makes them anew."""
    known = [tax_rate_id(account, tax) for tax in order.taxes.all()]
    known.append(coupon_id(account, order) or "")
    StripeObject.objects.filter(account=account.name, stripe_id__in=known).delete()


def _found_or_made(kind: str, account: Account, values: str, make: Callable[[], str]) -> str:
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
