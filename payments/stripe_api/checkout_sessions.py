"""Checkout Sessions: https://docs.stripe.com/api/checkout/sessions"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe

from payments.stripe_api import client, payment_intents
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import StripeRefused
from payments.stripe_api.types import Outcome, StripePayment

logger = logging.getLogger(__name__)

# In these states no payment is on its way: https://docs.stripe.com/payments/paymentintents/lifecycle
FAILED_INTENT = ("requires_payment_method", "canceled")


@dataclass(frozen=True)
class LineItem:
    """`quantity` pieces of the item `name`, at `unit_amount` minor units each."""

    name: str
    unit_amount: int
    quantity: int


@dataclass(frozen=True)
class CheckoutSession(StripePayment):
    """A Checkout Session as it is at Stripe now. Amounts are in minor units."""

    url: str
    amount_subtotal: int
    amount_discount: int
    # For each of the `tax_rate_ids` that it was created with; empty when it is retrieved.
    tax_amounts: Sequence[int]
    expires_at: datetime


# Longer than 30 lines because of the fields of the one call that it makes.
def create(
    account: StripeAccount,
    *,
    idempotency_key: str,
    currency: str,
    line_items: list[LineItem],
    coupon_id: str | None,
    tax_rate_ids: list[str],
    reference: str,
    request_id: str,
    success_url: str,
    cancel_url: str,
    expires_at: datetime,
) -> CheckoutSession:
    """Create a session, or return the one that was created with this `idempotency_key`.

    Every line item gets all tax rates. `reference` and `request_id` become metadata. Raises
    NotFoundAtStripe if the coupon or a tax rate has been deleted, AmountTooSmall, StripeCallFailed.
    """
    with client.call():
        session = stripe.checkout.Session.create(
            mode="payment",
            line_items=[
                {
                    "price_data": {
                        "currency": currency.lower(),
                        "unit_amount": line_item.unit_amount,
                        "product_data": {"name": line_item.name},
                    },
                    "quantity": line_item.quantity,
                    "tax_rates": tax_rate_ids,
                }
                for line_item in line_items
            ],
            discounts=[{"coupon": coupon_id}] if coupon_id else [],
            client_reference_id=reference,
            metadata=client.metadata(reference, request_id),
            payment_intent_data={"metadata": client.metadata(reference, request_id)},
            success_url=success_url,
            cancel_url=cancel_url,
            expires_at=int(expires_at.timestamp()),
            expand=["total_details.breakdown"],
            api_key=account.secret_key,
            idempotency_key=idempotency_key,
        )
    return _session(session, tax_rate_ids)


def retrieve(account: StripeAccount, session_id: str) -> CheckoutSession:
    """Return the session as it is now. Raises NotFoundAtStripe, StripeCallFailed."""
    with client.call():
        session = stripe.checkout.Session.retrieve(
            session_id,
            expand=["payment_intent.latest_charge"],
            api_key=account.secret_key,
        )
    return _session(session)


def expire(account: StripeAccount, session_id: str) -> None:
    """Expire an open session; one that has ended already stays as it is.

    Raises NotFoundAtStripe, StripeCallFailed.
    """
    try:
        with client.call():
            stripe.checkout.Session.expire(session_id, api_key=account.secret_key)
    except StripeRefused:
        if retrieve(account, session_id).outcome is Outcome.OPEN:
            raise
        logger.info("session %s was not open any more", session_id)


def _session(session: stripe.checkout.Session, tax_rate_ids: Sequence[str] = ()) -> CheckoutSession:
    email = session.customer_details.email if session.customer_details else None
    details = session.total_details
    charge = payment_intents.charge_of(session.payment_intent)
    return CheckoutSession(
        id=session.id,
        outcome=_outcome(session),
        amount=session.amount_total or 0,
        currency=(session.currency or "").upper(),
        email=email or "",
        intent_id=client.id_of(session.payment_intent),
        refunded_amount=charge.amount_refunded if charge else 0,
        is_disputed=bool(charge and charge.disputed),
        instructions=payment_intents.instructions_of(session.payment_intent),
        url=session.url or "",
        amount_subtotal=session.amount_subtotal or 0,
        amount_discount=details.amount_discount if details else 0,
        tax_amounts=_tax_amounts(details, tax_rate_ids) if tax_rate_ids else [],
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
    )


def _tax_amounts(
    details: stripe.checkout.Session.TotalDetails | None, tax_rate_ids: Sequence[str]
) -> list[int]:
    breakdown = details.breakdown if details else None
    amounts = {tax.rate.id: tax.amount for tax in breakdown.taxes} if breakdown else {}
    return [amounts.get(tax_rate_id, 0) for tax_rate_id in tax_rate_ids]


def _outcome(session: stripe.checkout.Session) -> Outcome:
    """https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-payment_status"""
    if session.status == "open":
        return Outcome.OPEN
    if session.status == "expired":
        return Outcome.ENDED
    if session.payment_status != "unpaid":  # "paid" or "no_payment_required"
        return Outcome.PAID
    intent = session.payment_intent
    has_failed = isinstance(intent, stripe.PaymentIntent) and intent.status in FAILED_INTENT
    return Outcome.FAILED if has_failed else Outcome.PROCESSING
