"""The coupon and the tax rates of an order at Stripe: created once, then found by their values."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from cart.freezing import FrozenOrder
from cart.models import Order, OrderTax
from payments.methods.tax_lines import taxes_as_rates
from payments.models import StripeObjectId
from payments.stripe_api import coupons
from payments.stripe_api import tax_rates as stripe_tax_rates
from payments.stripe_api.accounts import StripeAccount
from store.money import charge_step


@dataclass(frozen=True)
class _Reusable:
    """A coupon or tax rate at Stripe: created on first use, then found by its values."""

    kind: str
    values: str
    create: Callable[[], str]  # returns its id

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, hashlib.sha256(self.values.encode()).hexdigest()


def coupon_and_tax_rates(
    account: StripeAccount, frozen: FrozenOrder
) -> tuple[str | None, list[str]]:
    """The ids of the order's coupon and of the rates of `taxes_as_rates`.

    Raises StripeCallFailed.
    """
    wanted = _reusables(account, frozen)
    if not wanted:
        return None, []
    ids = {(row.kind, row.fingerprint): row.stripe_id for row in _stored_ids(account, wanted)}
    for each in wanted:
        if each.key not in ids:
            ids[each.key] = _create_reusable(account, each)
    coupon_id = next((ids[each.key] for each in wanted if each.kind == "coupon"), None)
    return coupon_id, [ids[each.key] for each in wanted if each.kind == "tax_rate"]


def forget_coupon_and_tax_rates(account: StripeAccount, frozen: FrozenOrder) -> None:
    """Forget their ids, so that the next call creates them again."""
    _stored_ids(account, _reusables(account, frozen)).delete()


def _stored_ids(account: StripeAccount, wanted: list[_Reusable]) -> QuerySet[StripeObjectId]:
    return StripeObjectId.objects.filter(
        account=account.name,
        livemode=account.livemode,
        fingerprint__in=[fingerprint for _kind, fingerprint in (each.key for each in wanted)],
    )


def _create_reusable(account: StripeAccount, wanted: _Reusable) -> str:
    """Create a coupon or tax rate at Stripe, store its id, and return the stored id.

    If another request was quicker, its id is used: two calls with one idempotency key must send the
    same ids.
    """
    kind, fingerprint = wanted.key
    created = StripeObjectId(
        kind=kind,
        account=account.name,
        livemode=account.livemode,
        fingerprint=fingerprint,
        stripe_id=wanted.create(),
    )
    StripeObjectId.objects.bulk_create([created], ignore_conflicts=True)
    stored = _stored_ids(account, [wanted]).filter(kind=kind)
    return stored.values_list("stripe_id", flat=True).first() or created.stripe_id


def _reusables(account: StripeAccount, frozen: FrozenOrder) -> list[_Reusable]:
    """The tax rates in the order of the taxes, then the coupon if the order has a discount."""
    tax_rates = [_tax_rate(account, tax) for tax in taxes_as_rates(frozen)]
    has_discount = bool(frozen.order.discount_amount)
    return [*tax_rates, _coupon(account, frozen.order)] if has_discount else tax_rates


def _tax_rate(account: StripeAccount, tax: OrderTax) -> _Reusable:
    return _Reusable(
        "tax_rate",
        f"{tax.display_name}|{tax.percentage.normalize():f}|{tax.is_inclusive}|{tax.country}",
        lambda: stripe_tax_rates.create(
            account,
            name=tax.display_name,
            percentage=tax.percentage,
            is_inclusive=tax.is_inclusive,
            country=tax.country,
        ),
    )


def _coupon(account: StripeAccount, order: Order) -> _Reusable:
    percent, code = order.discount_percent, order.discount_code
    if charge_step(order.currency) > 1:
        percent = None  # Stripe would round to a unit that it can't charge in this currency
    amount = None if percent is not None else order.discount_amount
    return _Reusable(
        "coupon",
        f"{code}|{percent}|{amount}|{order.currency if amount else ''}",
        lambda: coupons.create(
            account, name=code, percent=percent, amount=amount, currency=order.currency
        ),
    )
