"""The two ways to pay at Stripe: by a Checkout Session, or by a Payment Intent."""

from cart.freezing import FrozenOrder
from payments.methods import sessions
from payments.methods.descriptions import order_description
from payments.models import Kind, Payment
from payments.stripe_api import checkout_sessions, payment_intents
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.payment_intents import PaymentIntent


def create(
    account: StripeAccount,
    payment: Payment,
    frozen: FrozenOrder,
    *,
    return_url: str,
    cancel_url: str,
) -> CheckoutSession | PaymentIntent:
    """Create the session or intent of this attempt, or find the one that was created for it.

    Stripe's page sends the buyer to `return_url` after the payment, to `cancel_url` without one.
    Raises StripeCallFailed.
    """
    if payment.kind == Kind.INTENT:
        return payment_intents.create(
            account,
            idempotency_key=payment.idempotency_key,
            amount=payment.amount,
            currency=payment.currency,
            description=order_description(payment, frozen),
            reference=frozen.order.number,
            request_id=payment.request_id,
        )
    return sessions.create(account, payment, frozen, success_url=return_url, cancel_url=cancel_url)


def retrieve(account: StripeAccount, payment: Payment) -> CheckoutSession | PaymentIntent:
    """The session or intent as it is now. Raises NotFoundAtStripe, StripeCallFailed."""
    if payment.kind == Kind.INTENT:
        return payment_intents.retrieve(account, payment.stripe_id)
    return checkout_sessions.retrieve(account, payment.stripe_id)


def end(account: StripeAccount, payment: Payment, stripe_id: str) -> None:
    """End this session or intent, unless it is paid or being paid.

    Raises NotFoundAtStripe, StripeCallFailed.
    """
    if payment.kind == Kind.INTENT:
        payment_intents.cancel(account, stripe_id)
    else:
        checkout_sessions.expire(account, stripe_id)
