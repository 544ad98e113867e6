"""The Checkout Session of an attempt: what the order sends to Stripe."""

from django.conf import settings

from cart.freezing import FrozenOrder
from cart.models import OrderLine
from payments.methods import reusables
from payments.methods.descriptions import (
    item_description,
    order_description,
    picture_address,
)
from payments.methods.tax_lines import taxes_as_line_items
from payments.models import Payment
from payments.stripe_api import checkout_sessions
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.checkout_sessions import CheckoutSession, LineItem, Questions
from payments.stripe_api.errors import NotFoundAtStripe


def create(
    account: StripeAccount,
    payment: Payment,
    frozen: FrozenOrder,
    *,
    success_url: str,
    cancel_url: str,
) -> CheckoutSession:
    """Create the session of this attempt, or find the one that was created for it.

    Raises StripeCallFailed.
    """
    try:
        return _create(account, payment, frozen, success_url, cancel_url)
    except NotFoundAtStripe:  # the coupon or a tax rate was deleted at Stripe: create it again
        reusables.forget_coupon_and_tax_rates(account, frozen)
        return _create(account, payment, frozen, success_url, cancel_url)


def _create(
    account: StripeAccount,
    payment: Payment,
    frozen: FrozenOrder,
    success_url: str,
    cancel_url: str,
) -> CheckoutSession:
    order = frozen.order
    coupon_id, tax_rate_ids = reusables.coupon_and_tax_rates(account, frozen)
    return checkout_sessions.create(
        account,
        idempotency_key=payment.idempotency_key,
        currency=order.currency,
        language=payment.language,
        description=order_description(payment, frozen),
        line_items=_line_items(frozen),
        coupon_id=coupon_id,
        tax_rate_ids=tax_rate_ids,
        questions=Questions(
            phone_number=settings.CHECKOUT_PHONE_NUMBER,
            tax_id=settings.CHECKOUT_TAX_ID,
            terms=settings.CHECKOUT_TERMS,
        ),
        reference=order.number,
        request_id=payment.request_id,
        success_url=success_url,
        cancel_url=cancel_url,
        expires_at=payment.expires_at,
    )


def _line_items(frozen: FrozenOrder) -> list[LineItem]:
    taxes = [tax for tax in taxes_as_line_items(frozen) if tax.amount]
    return [
        *(_line_item(line) for line in frozen.lines),
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
