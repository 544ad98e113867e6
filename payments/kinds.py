"""The two kinds of payment. What differs between Checkout and Payment Intents at Stripe is here."""

from django.conf import settings
from django.urls import reverse

from cart.models import Order
from payments import figures, gateway, rates
from payments.accounts import Account
from payments.models import Kind, Payment
from payments.remote import CheckoutSession, Remote


def create(account: Account, payment: Payment) -> Remote:
    """Makes the object at Stripe that takes the payment, or finds the one made for this attempt.

    Its figures are compared with the order's and taken. Raises AmountMismatch, GatewayError.
    """
    if payment.kind == Kind.CHECKOUT:
        return _create_session(account, payment)
    intent = gateway.create_payment_intent(
        account,
        idempotency_key=payment.idempotency_key,
        amount=payment.amount,
        currency=payment.currency,
        reference=payment.order.token,
        request_id=payment.request_id,
    )
    figures.adopt_intent(payment=payment, intent=intent)
    return intent


def retrieve(account: Account, payment: Payment) -> Remote:
    """The session or intent as it is now. Raises UnknownAtStripe, GatewayError."""
    if payment.kind == Kind.CHECKOUT:
        return gateway.retrieve_checkout_session(account, payment.stripe_id)
    return gateway.retrieve_payment_intent(account, payment.stripe_id)


def end(account: Account, payment: Payment, stripe_id: str) -> None:
    """Nobody can pay this session or intent from now on, unless it is paid. Raises GatewayError."""
    if payment.kind == Kind.CHECKOUT:
        gateway.expire_checkout_session(account, stripe_id)
    else:
        gateway.cancel_payment_intent(account, stripe_id)


def return_url(order: Order) -> str:
    """Where Stripe sends the buyer when the payment is done."""
    return settings.BASE_URL + reverse("payments:return", args=[order.token])


def path_to_try_again(order: Order) -> str:
    """Where the buyer came from: the item for a one-click order, else the cart."""
    if order.buy_key:
        return reverse("store:item-detail", args=[order.lines.get().item_id])
    return reverse("cart:order-detail")


def _create_session(account: Account, payment: Payment) -> CheckoutSession:
    """Where a coupon or tax rate is gone at Stripe, once more with new ones."""
    try:
        return _create_session_once(account, payment)
    except gateway.UnknownAtStripe:
        rates.forget(account, payment.order)
        return _create_session_once(account, payment)


def _create_session_once(account: Account, payment: Payment) -> CheckoutSession:
    order = payment.order
    rate_ids = [rates.tax_rate_id(account, tax) for tax in order.taxes.all()]
    session = gateway.create_checkout_session(
        account,
        idempotency_key=payment.idempotency_key,
        currency=order.currency,
        lines=list(order.lines.all()),
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
