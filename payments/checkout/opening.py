"""Open an attempt at Stripe: create its session or intent, and record the figures."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from cart.freezing import FrozenOrder, OrderChanged
from cart.models import Cause, HistoryKind, Order
from payments import amount_check, methods
from payments.errors import AmountMismatch
from payments.models import Payment
from payments.settlement import cancel_and_settle, end_unanswered
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.errors import CallInFlight, StripeCallFailed, StripeUnavailable
from payments.stripe_api.payment_intents import PaymentIntent

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenCheckout:
    """A session or intent that the buyer can pay, with its account and order."""

    account: StripeAccount
    order: Order
    stripe_payment: CheckoutSession | PaymentIntent


def return_url(order: Order) -> str:
    """The address to which Stripe sends the buyer after the payment."""
    return settings.BASE_URL + reverse("payments:return", args=[order.token])


def open_at_stripe(
    account: StripeAccount, frozen: FrozenOrder, payment: Payment, *, at: datetime
) -> OpenCheckout:
    """Create the session or intent of a stored attempt, and record its figures.

    Raises AmountMismatch if Stripe's figures are wrong, OrderChanged if the buyer has edited the
    order meanwhile, and StripeCallFailed. The attempt has ended then, unless it is CallInFlight.
    """
    created = _create_at_stripe(account, frozen, payment, at)
    try:
        amount_check.compare(frozen, payment, created)
    except AmountMismatch as mismatch:
        cause = Cause(HistoryKind.STRIPE_CALL, detail="amounts differ")
        was_open = end_unanswered(payment, at=at, cause=cause)
        if was_open:
            logger.error("order %s: %s", frozen.order, mismatch)
        methods.end(account, payment, created.id)
        if was_open:
            raise
        raise _opened_or_ended(payment) from mismatch
    with transaction.atomic():
        is_superseded = Order.objects.locked(payment.order_id).superseded_at is not None
        is_recorded = amount_check.record(frozen, payment, created)
    if not is_recorded:  # the other press sent another tax rate, for example
        methods.end(account, payment, created.id)
        raise _opened_or_ended(payment)
    if is_superseded:
        cancel_and_settle(payment, at=at, cause=Cause(HistoryKind.EDIT))
        raise OrderChanged
    return OpenCheckout(account, frozen.order, created)


def _opened_or_ended(payment: Payment) -> CallInFlight:
    return CallInFlight(f"{payment} was opened or ended by another request during the call")


def _create_at_stripe(
    account: StripeAccount, frozen: FrozenOrder, payment: Payment, at: datetime
) -> CheckoutSession | PaymentIntent:
    """Call Stripe; if it refuses or can't be asked, end the attempt. Raises StripeCallFailed."""
    cancel_url = settings.BASE_URL + frozen.retry_path
    urls = {"return_url": return_url(frozen.order), "cancel_url": cancel_url}
    try:
        return methods.create(account, payment, frozen, **urls)
    except CallInFlight:
        raise  # the other process that makes this call stores its answer
    except StripeCallFailed as error:
        cause = Cause(HistoryKind.STRIPE_CALL, detail=f"{type(error).__name__}: {error}")
        if not end_unanswered(payment, at=at, cause=cause):
            # Another process ended the attempt and deleted its taxes: Stripe may refuse that.
            raise StripeUnavailable(f"{payment} was ended during the call") from error
        raise
