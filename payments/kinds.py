"""The two kinds of payment. What differs between Checkout and Payment Intents at Stripe is here."""

from django.conf import settings
from django.urls import reverse

from cart.models import Order
from payments import figures, rates
from payments.models import Kind, Payment
from payments.stripe_api import checkout_sessions, payment_intents
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.checkout_sessions import CheckoutSession, LineItem
from payments.stripe_api.errors import NotFoundAtStripe
from payments.stripe_api.payment_intents import PaymentIntent


def create(account: StripeAccount, payment: Payment) -> CheckoutSession | PaymentIntent:
    """Makes the object at Stripe that takes the payment, or finds the one made for this attempt.

    Its figures are compared with the order's and taken. Raises AmountMismatch, StripeCallFailed.
    """
    if payment.kind == Kind.CHECKOUT:
        return _create_session(account, payment)
    intent = payment_intents.create(
        account,
        idempotency_key=payment.idempotency_key,
        amount=payment.amount,
        currency=payment.currency,
        reference=payment.order.token,
        request_id=payment.request_id,
    )
    figures.adopt_intent(payment=payment, intent=intent)
    return intent


def retrieve(account: StripeAccount, payment: Payment) -> CheckoutSession | PaymentIntent:
    """The session or intent as it is now. Raises NotFoundAtStripe, StripeCallFailed."""
    if payment.kind == Kind.CHECKOUT:
        return checkout_sessions.retrieve(account, payment.stripe_id)
    return payment_intents.retrieve(account, payment.stripe_id)


def end(account: StripeAccount, payment: Payment, stripe_id: str) -> None:
    """Ends this session or intent, unless it is paid or being paid. Raises StripeCallFailed."""
    if payment.kind == Kind.CHECKOUT:
        checkout_sessions.expire(account, stripe_id)
    else:
        payment_intents.cancel(account, stripe_id)


def return_url(order: Order) -> str:
    """Where Stripe sends the buyer when the payment is done."""
    return settings.BASE_URL + reverse("payments:return", args=[order.token])


def path_to_try_again(order: Order) -> str:
    """Where the buyer came from: the item for a one-click order, else the cart."""
    if order.buy_key:
        return reverse("store:item-detail", args=[order.lines.get().item_id])
    return reverse("cart:order-detail")


def _create_session(account: StripeAccount, payment: Payment) -> CheckoutSession:
    """Where a coupon or tax rate is gone at Stripe, once more with new ones."""
    try:
        return _create_session_once(account, payment)
    except NotFoundAtStripe:
        rates.forget(account, payment.order)
        return _create_session_once(account, payment)


def _create_session_once(account: StripeAccount, payment: Payment) -> CheckoutSession:
    order = payment.order
    rate_ids = [rates.tax_rate_id(account, tax) for tax in order.taxes.all()]
    session = checkout_sessions.create(
        account,
        idempotency_key=payment.idempotency_key,
        currency=order.currency,
        line_items=[
            LineItem(line.name, line.unit_amount, line.quantity) for line in order.lines.all()
        ],
        coupon_id=rates.coupon_id(account, order),
        tax_rate_ids=rate_ids,
        reference=order.token,
        request_id=payment.request_id,
        success_url=return_url(order),
        cancel_url=settings.BASE_URL + path_to_try_again(order),
        expires_at=payment.expires_at,
    )
    figures.adopt_session(order=order, payment=payment, session=session, rate_ids=rate_ids)
    return session
