"""Settling: what Stripe says of a payment becomes the state of its order, once."""

import logging
from datetime import datetime

from django.db import transaction

from cart.holds import SoldOut, release, take
from cart.models import HELD, DiscountRefused, Order, State
from payments import gateway
from payments.accounts import account_named
from payments.models import PENDING, Payment, PaymentState, StripeEvent

logger = logging.getLogger(__name__)


def settle(*, payment: Payment, at: datetime, event: StripeEvent | None = None) -> None:
    """Reads the payment's session back from Stripe and moves the order one legal step, if any.

    Twice, or two at once: the second changes nothing. `event`, the reason to look, is stored in the
    same transaction. Raises GatewayError, and IntegrityError where the event was stored already.
    """
    account = account_named(payment.account)
    try:
        session = gateway.retrieve_checkout_session(account, payment.stripe_id)
    except gateway.UnknownAtStripe:
        session = None
    with transaction.atomic():
        if event is not None:
            event.save(force_insert=True)
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        _apply(order, payment, session, at)


def _apply(
    order: Order, payment: Payment, session: gateway.CheckoutSession | None, at: datetime
) -> None:
    if session is None or session.status == "expired":
        _end(order, payment, at)
    elif session.payment_status in ("paid", "no_payment_required") and session.status == "complete":
        _take_money(order, payment, session, at)
    elif session.has_failed:
        _end(order, payment, at, ended_as=PaymentState.FAILED)
    elif session.status == "complete":
        _wait_for_money(order, payment, at)


def _end(
    order: Order,
    payment: Payment,
    at: datetime,
    ended_as: PaymentState = PaymentState.EXPIRED,
) -> None:
    """The session can't bring money any more: the hold ends."""
    if payment.state in PENDING:
        payment.state = ended_as
        payment.save()
        release(order, at=at)
        logger.info("order %s: the session ended unpaid, %s", order, ended_as)


def _wait_for_money(order: Order, payment: Payment, at: datetime) -> None:
    """A delayed payment method: the buyer is done, the money is on its way."""
    if payment.state == PaymentState.OPEN and order.state == State.CHECKOUT:
        payment.state = PaymentState.PROCESSING
        payment.save()
        order.step(State.PROCESSING, at=at)


def _take_money(
    order: Order, payment: Payment, session: gateway.CheckoutSession, at: datetime
) -> None:
    """Money has arrived: the order is paid, unless staff must look at it first."""
    if payment.state == PaymentState.SUCCEEDED:
        return
    payment.state = PaymentState.SUCCEEDED
    payment.save()
    arrived, recorded = (session.amount_total, session.currency), (payment.amount, payment.currency)
    if arrived != recorded:
        _call_staff(order, f"Stripe took {arrived}, the order says {recorded}. Check, then refund.")
    elif order.state == State.PAID:
        _call_staff(order, f"Paid a second time, by {payment.stripe_id}. Refund one of the two.")
    elif order.state == State.CART:
        _call_staff(order, f"Paid by {payment.stripe_id} after it was a cart again. Refund that.")
    else:
        _mark_paid(order, session.email, at)


def _mark_paid(order: Order, email: str, at: datetime) -> None:
    if order.state not in HELD:
        _take_late(order)
    order.email = email
    order.step(State.PAID, at=at)
    logger.info("order %s: paid", order)


def _take_late(order: Order) -> None:
    try:
        take(order)
    except SoldOut as error:
        _call_staff(
            order, f"Paid after its hold had ended, and sold out: {error}. Deliver or refund."
        )
    except DiscountRefused:
        _call_staff(order, "Paid after its hold had ended, with a code that is used up since.")


def _call_staff(order: Order, reason: str) -> None:
    order.needs_attention = reason[:300]
    order.save()
    logger.error("order %s needs attention: %s", order, reason)
