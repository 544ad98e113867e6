"""The coupon and the tax rates of an order at Stripe: created once, then found by their values."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from cart.freezing import FrozenOrder
from cart.models import Order, OrderTax, Tax
from payments.methods import attempt_coupons
from payments.methods.tax_lines import taxes_as_rates
from payments.models import Payment, StripeObjectId
from payments.stripe_api import coupons
from payments.stripe_api import tax_rates as stripe_tax_rates
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import StripeRefused
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


@dataclass(frozen=True)
class CouponAndTaxRates:
    """The ids of an order's coupon, if it has a discount, and of its taxes' rates."""

    coupon_id: str | None
    tax_rate_ids: list[str]

    @property
    def ids(self) -> list[str]:
        return [*([self.coupon_id] if self.coupon_id else []), *self.tax_rate_ids]

    def are_named_in(self, refusal: StripeRefused) -> bool:
        """Whether Stripe refused one of them: it is gone, archived, expired or used up.

        Stripe has no common code for that, so this looks for their ids and for their parameters.
        """
        named = f"{refusal.param} {refusal.answer}".lower()
        words = [
            *(each.lower() for each in self.ids),
            "tax_rate",
            "tax rate",
            "coupon",
            "discounts",
        ]
        return bool(self.ids) and any(word in named for word in words)


def of_order(account: StripeAccount, payment: Payment, frozen: FrozenOrder) -> CouponAndTaxRates:
    """Find or create the order's coupon and its taxes' rates. Raises StripeCallFailed."""
    wanted = _reusables(account, payment, frozen)
    ids = _find_or_create(account, wanted)
    coupon_id = next((ids[each.key] for each in wanted if each.kind == "coupon"), None)
    if payment.coupon_id:
        attempt_coupons.create(account, payment, frozen.order)
        coupon_id = payment.coupon_id
    return CouponAndTaxRates(
        coupon_id, [ids[each.key] for each in wanted if each.kind == "tax_rate"]
    )


def of_tax(account: StripeAccount, tax: Tax) -> str:
    """Find or create the rate of a tax, and return its id. Raises StripeCallFailed.

    Also create it again if it has been archived, or belonged to an account with other keys.
    """
    wanted = _tax_rate(account, tax)
    for stored in _stored_ids(account, [wanted]):
        if not stripe_tax_rates.is_active(account, stored.stripe_id):
            stored.delete()
    return _find_or_create(account, [wanted])[wanted.key]


def forget(account: StripeAccount, used: CouponAndTaxRates) -> None:
    """Forget these ids, so that the next call creates new objects.

    What another request has created again meanwhile has other ids, and stays.
    """
    StripeObjectId.objects.filter(
        account=account.name, livemode=account.livemode, stripe_id__in=used.ids
    ).delete()


def _find_or_create(account: StripeAccount, wanted: list[_Reusable]) -> dict[tuple[str, str], str]:
    if not wanted:
        return {}
    ids = {(row.kind, row.fingerprint): row.stripe_id for row in _stored_ids(account, wanted)}
    for each in wanted:
        if each.key not in ids:
            ids[each.key] = _create_reusable(account, each)
    return ids


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


def _reusables(account: StripeAccount, payment: Payment, frozen: FrozenOrder) -> list[_Reusable]:
    """The tax rates in the order of the taxes, then the coupon if the order needs a common one."""
    tax_rates = [_tax_rate(account, tax) for tax in taxes_as_rates(frozen)]
    needs_coupon = frozen.order.discount_amount and not payment.coupon_id
    return [*tax_rates, _coupon(account, frozen.order)] if needs_coupon else tax_rates


def _tax_rate(account: StripeAccount, tax: Tax | OrderTax) -> _Reusable:
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
