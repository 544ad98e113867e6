"""The Checkout Session of an attempt: what the order sends to Stripe."""

import hashlib
import logging

from django.conf import settings

from cart.freezing import FrozenOrder
from cart.models import Order, OrderLine
from payments.methods import attempt_coupons, coupons_and_tax_rates
from payments.methods.coupons_and_tax_rates import CouponAndTaxRates
from payments.methods.descriptions import (
    item_description,
    order_description,
    picture_address,
    read_pictures,
)
from payments.methods.tax_lines import taxes_as_line_items
from payments.models import Payment
from payments.stripe_api import checkout_sessions, clock
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.checkout_sessions import CheckoutSession, LineItem, Questions
from payments.stripe_api.errors import StripeRefused

logger = logging.getLogger(__name__)


def create(
    account: StripeAccount,
    payment: Payment,
    frozen: FrozenOrder,
    *,
    success_url: str,
    cancel_url: str,
) -> CheckoutSession:
    """Create the session of this attempt, or find the one that was created for it.

    If Stripe refuses the coupon or a tax rate, it is created again; if Stripe refuses the end of
    the session, Stripe's clock is used. Both are tried once. Raises StripeCallFailed.
    """
    used = coupons_and_tax_rates.of_order(account, payment, frozen)
    try:
        return _create(account, payment, frozen, used, success_url, cancel_url)
    except StripeRefused as refusal:
        if used.are_named_in(refusal):
            coupons_and_tax_rates.forget(account, used)
            attempt_coupons.replace(account, payment)
        elif not _store_clock_difference(payment, refusal):
            raise
        logger.warning("%s is tried again, after: %s", payment, refusal)
    used = coupons_and_tax_rates.of_order(account, payment, frozen)
    return _create(account, payment, frozen, used, success_url, cancel_url)


def _create(
    account: StripeAccount,
    payment: Payment,
    frozen: FrozenOrder,
    used: CouponAndTaxRates,
    success_url: str,
    cancel_url: str,
) -> CheckoutSession:
    order = frozen.order
    line_items, questions = _line_items(frozen), _questions(order)
    return checkout_sessions.create(
        account,
        idempotency_key=_idempotency_key(payment, used, line_items, questions),
        currency=order.currency,
        language=payment.language,
        description=order_description(payment, frozen),
        line_items=line_items,
        coupon_id=used.coupon_id,
        tax_rate_ids=used.tax_rate_ids,
        questions=questions,
        reference=order.number,
        request_id=payment.request_id,
        success_url=success_url,
        cancel_url=cancel_url,
        expires_at=payment.expires_at_stripe,
    )


def _idempotency_key(payment: Payment, *changing: object) -> str:
    """The attempt's key, and a hash of what a later try of the attempt may send differently.

    Stripe refuses other parameters under the same key, and may keep a refusal under its key:
    https://docs.stripe.com/api/idempotent_requests
    """
    values = repr((payment.clock_difference, *changing))
    return f"{payment.idempotency_key}:{hashlib.sha256(values.encode()).hexdigest()[:16]}"


def _store_clock_difference(payment: Payment, refusal: StripeRefused) -> bool:
    """Store the difference between the clocks, if Stripe refused the end of the session.

    Return whether the attempt has another difference now. If another request of the same attempt
    was quicker, its difference stays, so that both send the same time.
    """
    difference, before = clock.difference(), payment.clock_difference
    if "expires_at" not in f"{refusal.param} {refusal.answer}" or difference is None:
        return False
    unchanged = Payment.objects.filter(pk=payment.pk, clock_difference=before)
    unchanged.update(clock_difference=round(difference.total_seconds()))
    payment.refresh_from_db(fields=["clock_difference"])
    return payment.clock_difference != before


def _questions(order: Order) -> Questions:
    return Questions(
        shipping_country=order.shipping_country,
        phone_number=settings.CHECKOUT_PHONE_NUMBER,
        tax_id=settings.CHECKOUT_TAX_ID,
        terms=settings.CHECKOUT_TERMS,
    )


def _line_items(frozen: FrozenOrder) -> list[LineItem]:
    """Shipping follows the lines, as in cart.pricing: Stripe spreads the discount in order."""
    taxes = [tax for tax in taxes_as_line_items(frozen) if tax.amount]
    read_pictures([line.item for line in frozen.lines])
    return [
        *(_line_item(line) for line in frozen.lines),
        *_shipping_line_items(frozen.order),
        *(LineItem(tax.name, tax.amount, 1, is_tax=True) for tax in taxes),
    ]


def _line_item(line: OrderLine) -> LineItem:
    return LineItem(
        line.name,
        line.unit_amount,
        line.quantity,
        description=item_description(line.item),
        picture=picture_address(line.item),
    )


def _shipping_line_items(order: Order) -> list[LineItem]:
    """Shipping that costs nothing is a line item too: the buyer sees the same as in the cart."""
    if not order.has_shipping:
        return []
    description = order.shipping_delivery_time
    return [LineItem(order.shipping_rate_name, order.shipping_amount, 1, description=description)]
