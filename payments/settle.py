"""Settling: what Stripe says of a payment becomes the state of its order, once."""

import logging
from datetime import datetime

from django.db import transaction

from cart.holds import SoldOut, release, take
from cart.models import HELD, DiscountRefused, Order, State
from payments import gateway, kinds
from payments.accounts import Account, account_named
from payments.models import PENDING, Payment, PaymentState, StripeEvent
from payments.remote import Outcome, Remote

logger = logging.getLogger(__name__)


def settle(*, payment: Payment, at: datetime, event: StripeEvent | None = None) -> None:
    """Reads the session or intent back from Stripe and moves the order one legal step, if any.

    Twice, or two at once: the second changes nothing. `event`, the reason to look, is stored in the
    same transaction. Raises GatewayError, and IntegrityError where the event was stored already.
    """
    payment.refresh_from_db()
    remote = _look(account_named(payment.account), payment)
    with transaction.atomic():
        if event is not None:
            event.save(force_insert=True)
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        _apply(order, payment, remote, at)


def _look(account: Account, payment: Payment) -> Remote | None:
    try:
        remote = kinds.retrieve(account, payment)
        if payment.state == PaymentState.PROCESSING and remote.outcome is Outcome.OPEN:
            # A delayed method brought nothing. At Stripe the intent could be paid once more, by a
            # buyer whose stock is gone: it ends.
            kinds.end(account, payment, payment.stripe_id)
            remote = kinds.retrieve(account, payment)
    except gateway.UnknownAtStripe:
        return None
    return remote


def _apply(order: Order, payment: Payment, remote: Remote | None, at: datetime) -> None:
    if remote is None or remote.outcome in (Outcome.ENDED, Outcome.FAILED):
        has_failed = remote is not None and remote.outcome is Outcome.FAILED
        _end(order, payment, at, has_failed=has_failed)
    elif remote.outcome is Outcome.PAID:
        _take_money(order, payment, remote, at)
    elif remote.outcome is Outcome.PROCESSING:
        _wait_for_money(order, payment, at)


def _end(order: Order, payment: Payment, at: datetime, *, has_failed: bool) -> None:
    """It can't bring money any more: the hold ends."""
    if payment.state in PENDING:
        was_awaited = payment.state == PaymentState.PROCESSING
        payment.state = PaymentState.FAILED if has_failed or was_awaited else PaymentState.EXPIRED
        payment.save()
        release(order, at=at)
        logger.info("order %s: ended unpaid, %s", order, payment.state)


def _wait_for_money(order: Order, payment: Payment, at: datetime) -> None:
    """A delayed payment method: the buyer is done, the money is on its way."""
    if payment.state == PaymentState.OPEN and order.state == State.CHECKOUT:
        payment.state = PaymentState.PROCESSING
        payment.save()
        order.step(State.PROCESSING, at=at)


def _take_money(order: Order, payment: Payment, remote: Remote, at: datetime) -> None:
    """Money has arrived: the order is paid, unless staff must look at it first."""
    if payment.state == PaymentState.SUCCEEDED:
        return
    payment.state, payment.intent_id = PaymentState.SUCCEEDED, remote.intent_id
    payment.save()
    arrived, recorded = (remote.amount, remote.currency), (payment.amount, payment.currency)
    if arrived != recorded:
        _call_staff(order, f"Stripe took {arrived}, the order says {recorded}. Check, then refund.")
    elif order.state == State.PAID:
        _call_staff(order, f"Paid a second time, by {payment.stripe_id}. Refund one of the two.")
    elif order.state == State.CART:
        _call_staff(order, f"Paid by {payment.stripe_id} after it was a cart again. Refund that.")
    else:
        _mark_paid(order, remote.email, at)


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
