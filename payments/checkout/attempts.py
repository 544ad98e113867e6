"""The attempts to pay an order: begin the next one, or go on with the one that is open."""

from datetime import datetime, timedelta

from django.conf import settings

from cart.freezing import FrozenOrder
from cart.models import Cause, HistoryKind, Order, State
from payments import methods
from payments.checkout.opening import OpenCheckout, open_at_stripe
from payments.errors import AlreadyPaid, PaymentAwaited
from payments.methods import attempt_coupons
from payments.models import Kind, Payment, PaymentState
from payments.settlement import cancel_and_settle, end_unanswered, end_unknown, settle
from payments.stripe_api import clock
from payments.stripe_api.accounts import StripeAccount, account_named
from payments.stripe_api.errors import NotFoundAtStripe
from payments.stripe_api.types import Outcome
from web.request_id import request_id

# A session lives 30 minutes to 24 hours by Stripe's clock, which may differ from ours by minutes:
# https://docs.stripe.com/api/checkout/sessions/create ("expires_at")
SHORTEST_SESSION = timedelta(minutes=30)
HOLD_OF_NOTHING_LIMITED = timedelta(hours=23, minutes=55)


def begin_attempt(
    account: StripeAccount, frozen: FrozenOrder, *, kind: Kind, attempt: int, at: datetime
) -> Payment:
    """Store an attempt to pay, in the transaction that froze its order.

    Only Checkout takes a total of nothing: https://docs.stripe.com/payments/checkout/no-cost-orders
    """
    order = frozen.order
    kind = kind if order.total_amount else Kind.CHECKOUT
    minutes = timedelta(minutes=settings.HOLD_MINUTES)
    return Payment.objects.create(
        order=order,
        kind=kind,
        attempt=attempt,
        account=account.name,
        livemode=account.livemode,
        amount=order.total_amount,
        currency=order.currency,
        expires_at=at + (minutes if frozen.holds_something_limited else HOLD_OF_NOTHING_LIMITED),
        clock_difference=clock.seconds_to_add(),
        coupon_id=attempt_coupons.new_id(order, kind),
        request_id=request_id(),
    )


def is_usable_as(payment: Payment, kind: Kind, at: datetime) -> bool:
    """Whether an open attempt is of the kind that the buyer asks for, and not overdue."""
    wanted = kind if payment.amount else Kind.CHECKOUT  # as in begin_attempt
    return payment.kind == wanted and payment.expires_at > at  # an intent doesn't expire by itself


def next_attempt(order: Order, payments: list[Payment]) -> int:
    """The number of the next attempt of an order with these attempts. Raises AlreadyPaid.

    A payment that was refunded in full doesn't stop the buyer from paying again.
    """
    is_paid = any(payment.is_refundable for payment in payments)
    if is_paid or order.state in (State.PROCESSING, State.PAID):
        raise AlreadyPaid(order)
    return len(payments) + 1


def resume(payment: Payment, *, is_wanted: bool, at: datetime) -> OpenCheckout | None:
    """Return the session or intent of an earlier press, if it is open and wanted; else end it.

    Raises AlreadyPaid, AccountNotSetUp, AmountMismatch, OrderChanged, StripeCallFailed.
    """
    if not payment.stripe_id:  # the call to Stripe is in flight, or its process died
        if is_wanted and payment.expires_at - at >= SHORTEST_SESSION:
            # With the same idempotency key, Stripe returns the same session or intent.
            account, frozen = account_named(payment.account), FrozenOrder.read(payment.order)
            return open_at_stripe(account, frozen, payment, at=at)
        end_unanswered(payment, at=at, cause=Cause(HistoryKind.OTHER_PAYMENT))
        return None
    account = account_named(payment.account)
    try:
        stripe_payment = methods.retrieve(account, payment)
    except NotFoundAtStripe:
        end_unknown(payment, at=at)
        return None
    if stripe_payment.outcome is Outcome.OPEN and payment.state == PaymentState.OPEN:
        if is_wanted:
            return OpenCheckout(account, payment.order, stripe_payment)
        cancel_and_settle(payment, at=at, cause=Cause(HistoryKind.OTHER_PAYMENT))
    else:
        settle(payment, at=at, cause=Cause(HistoryKind.BUY))
    payment.refresh_from_db(fields=["state", "awaits_buyer"])
    if payment.state in (PaymentState.SUCCEEDED, PaymentState.PROCESSING):
        raise (PaymentAwaited if payment.is_awaited else AlreadyPaid)(payment.order)
    return None
