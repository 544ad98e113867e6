"""Checkout Sessions: https://docs.stripe.com/api/checkout/sessions"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe

from payments.stripe_api import client, payment_intents, reading
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import StripeRefused, TermsMissing
from payments.stripe_api.locales import locale_of
from payments.stripe_api.types import Outcome, StripePayment

logger = logging.getLogger(__name__)

# In these states no payment is on its way: https://docs.stripe.com/payments/paymentintents/lifecycle
FAILED_INTENT = ("requires_payment_method", "canceled")


@dataclass(frozen=True)
class LineItem:
    """`quantity` pieces of the item `name`, at `unit_amount` minor units each.

    `is_tax`: it is a tax that the shop has calculated, and gets no tax rates.
    """

    name: str
    unit_amount: int
    quantity: int
    description: str = ""
    picture: str = ""  # an address that Stripe's servers can open
    is_tax: bool = False


@dataclass(frozen=True)
class CheckoutSession(StripePayment):
    """A Checkout Session as it is at Stripe now. Amounts are in minor units."""

    url: str
    amount_subtotal: int
    amount_discount: int
    # For each of the `tax_rate_ids` that it was created with; empty when it is retrieved.
    tax_amounts: Sequence[int]
    expires_at: datetime


@dataclass(frozen=True)
class Questions:
    """What Stripe's page asks the buyer for besides the payment."""

    shipping_country: str = ""  # the only country that the buyer can have the order sent to
    phone_number: bool = False
    tax_id: bool = False
    terms: bool = False  # the dashboard must name them, or Stripe refuses the session

    def as_parameters(self) -> dict[str, Any]:
        """Only what is wanted."""
        wanted: dict[str, Any] = {}
        if self.shipping_country:
            allowed = {"allowed_countries": [self.shipping_country]}
            wanted["shipping_address_collection"] = allowed
        if self.phone_number:
            wanted["phone_number_collection"] = {"enabled": True}
        if self.tax_id:
            wanted["tax_id_collection"] = {"enabled": True}
        if self.terms:
            wanted["consent_collection"] = {"terms_of_service": "required"}
        return wanted


# Longer than 30 lines because of the fields of the one call that it makes.
def create(
    account: StripeAccount,
    *,
    idempotency_key: str,
    currency: str,
    language: str,
    description: str,
    line_items: list[LineItem],
    coupon_id: str | None,
    tax_rate_ids: list[str],
    questions: Questions,
    reference: str,
    request_id: str,
    success_url: str,
    cancel_url: str,
    expires_at: datetime,
) -> CheckoutSession:
    """Create a session, or return the one that was created with this `idempotency_key`.

    Every line item but a tax gets all tax rates. `reference` and `request_id` become metadata;
    buyers read `description` in Stripe's receipt. Raises NotFoundAtStripe if the coupon or a tax
    rate has been deleted, and StripeCallFailed.
    """
    with client.call():
        session = stripe.checkout.Session.create(
            mode="payment",
            line_items=[
                _line_item(each, currency, [] if each.is_tax else tax_rate_ids)
                for each in line_items
            ],
            discounts=[{"coupon": coupon_id}] if coupon_id else [],
            client_reference_id=reference,
            metadata=client.metadata(reference, request_id),
            payment_intent_data={
                "description": description,
                "metadata": client.metadata(reference, request_id),
            },
            locale=locale_of(language),
            **questions.as_parameters(),
            success_url=success_url,
            cancel_url=cancel_url,
            expires_at=int(expires_at.timestamp()),
            expand=["total_details.breakdown"],
            api_key=account.secret_key,
            idempotency_key=idempotency_key,
        )
    return _session(session, tax_rate_ids)


def _line_item(line_item: LineItem, currency: str, tax_rate_ids: list[str]) -> Any:
    """The parameters of a line item. Stripe refuses empty texts, so they are left out."""
    product: dict[str, Any] = {"name": line_item.name}
    if line_item.description:
        product["description"] = line_item.description
    if line_item.picture:
        product["images"] = [line_item.picture]
    price = {
        "currency": currency.lower(),
        "unit_amount": line_item.unit_amount,
        "product_data": product,
    }
    return {"price_data": price, "quantity": line_item.quantity, "tax_rates": tax_rate_ids}


def can_ask_for_terms(account: StripeAccount, *, currency: str, success_url: str) -> bool:
    """Whether the dashboard has the terms to which sessions ask for consent.

    Only a session shows that: create one over nothing, and expire it. Raises StripeCallFailed.
    """
    try:
        with client.call():
            session = stripe.checkout.Session.create(
                mode="payment",
                line_items=[_line_item(LineItem("check_setup", 0, 1), currency, [])],
                success_url=success_url,
                **Questions(terms=True).as_parameters(),
                api_key=account.secret_key,
            )
    except TermsMissing:
        return False
    expire(account, session.id)
    return True


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
    charge = payment_intents.charge_of(reading.value(session, "payment_intent"))
    phone = reading.text(session, "customer_details", "phone")
    details = ("collected_information", "shipping_details")
    recipient = reading.recipient(session, *details, phone=phone)
    billing_name = reading.text(session, "customer_details", "name")
    return CheckoutSession(
        id=session.id,
        outcome=_outcome(session),
        amount=reading.number(session, "amount_total"),
        currency=reading.text(session, "currency").upper(),
        email=reading.text(session, "customer_details", "email"),
        intent_id=reading.id_at(session, "payment_intent"),
        refunded_amount=reading.number(charge, "amount_refunded"),
        is_disputed=bool(reading.value(charge, "disputed")),
        instructions=payment_intents.instructions_of(reading.value(session, "payment_intent")),
        buyer_name=billing_name or (recipient.name if recipient else ""),
        recipient=recipient,
        url=reading.text(session, "url"),
        amount_subtotal=reading.number(session, "amount_subtotal"),
        amount_discount=reading.number(session, "total_details", "amount_discount"),
        tax_amounts=_tax_amounts(session, tax_rate_ids),
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
    )


def _tax_amounts(session: stripe.checkout.Session, tax_rate_ids: Sequence[str]) -> list[int]:
    taxes = reading.value(session, "total_details", "breakdown", "taxes") or []
    amounts = {reading.id_at(tax, "rate"): reading.number(tax, "amount") for tax in taxes}
    return [amounts.get(tax_rate_id, 0) for tax_rate_id in tax_rate_ids]


def _outcome(session: stripe.checkout.Session) -> Outcome:
    """https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-payment_status"""
    status, payment_status = (
        reading.text(session, "status"),
        reading.text(session, "payment_status"),
    )
    if status == "expired":
        return Outcome.ENDED
    if payment_status == "paid":
        return Outcome.PAID
    if status != "complete":
        return Outcome.OPEN
    if payment_status == "no_payment_required":  # as also in an open session over nothing
        return Outcome.PAID
    has_failed = reading.text(session, "payment_intent", "status") in FAILED_INTENT
    return Outcome.FAILED if has_failed else Outcome.PROCESSING
