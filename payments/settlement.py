"""Settling: moves a payment and its order to the state that Stripe reports."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cart.holds import SoldOut, release, take_pieces, take_redemption
from cart.models import HELD, DiscountRefused, Order, State
from payments import disputes, methods, refund_sync
from payments.alerts import call_staff
from payments.models import PENDING, Payment, PaymentState, ReceivedEvent
from payments.stripe_api.accounts import StripeAccount, account_named
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import NotFoundAtStripe, StripeCallFailed
from payments.stripe_api.types import Outcome, StripePayment
from store.money import format_money

logger = logging.getLogger(__name__)

# The longest that a delayed payment method takes: SEPA Direct Debit
# (https://docs.stripe.com/payments/sepa-debit).
DELAYED_PAYMENT_WINDOW = timedelta(days=14)


def settle(*, payment: Payment, at: datetime, why: str, event: ReceivedEvent | None = None) -> None:
    """Retrieves the session or intent and moves the order one legal step, if there is one.

    Its refunds and disputes are stored too. A second call, later or at the same time, changes
    nothing. `event` is stored in the same transaction; `why` goes into the history.
    Raises StripeCallFailed, and IntegrityError if the event is stored already.
    """
    payment.refresh_from_db()
    account = account_named(payment.account)
    remote = _look(account, payment)
    is_paid = remote is not None and remote.outcome is Outcome.PAID
    stripe_refunds = refund_sync.fetch(account, payment, remote) if remote and is_paid else ()
    stripe_disputes = disputes.fetch(account, remote) if remote and is_paid else ()
    with transaction.atomic():
        if event is not None:
            event.save(force_insert=True)
        with payment.locked() as (order, payment):
            _apply(order, payment, remote, at, why)
            refund_sync.apply(order, payment, stripe_refunds, at=at)
            disputes.apply(order, stripe_disputes, at=at)


def _look(account: StripeAccount, payment: Payment) -> StripePayment | None:
    try:
        remote = methods.retrieve(account, payment)
        if payment.state == PaymentState.PROCESSING and remote.outcome is Outcome.OPEN:
            # A delayed payment has failed. At Stripe the intent could be paid again, although the
            # order's stock is released: end it.
            methods.end(account, payment, payment.stripe_id)
            remote = methods.retrieve(account, payment)
    except NotFoundAtStripe:
        return None
    return remote


def _apply(
    order: Order, payment: Payment, remote: StripePayment | None, at: datetime, why: str
) -> None:
    if remote is None:
        if payment.state in PENDING and at >= overdue_at(payment):
            abandon(order, payment, at=at, why=why)
    elif remote.outcome in (Outcome.ENDED, Outcome.FAILED):
        _end(order, payment, at, why, has_failed=remote.outcome is Outcome.FAILED)
    elif remote.outcome is Outcome.PAID:
        _take_money(order, payment, remote, at, why)
    elif remote.outcome is Outcome.PROCESSING:
        _wait_for_money(order, payment, at, why)


def overdue_at(payment: Payment) -> datetime:
    """When to give up a payment that Stripe doesn't know: the keys may be wrong for a while."""
    is_awaited = payment.state == PaymentState.PROCESSING
    return payment.expires_at + (DELAYED_PAYMENT_WINDOW if is_awaited else timedelta(0))


def abandon(order: Order, payment: Payment, *, at: datetime, why: str) -> None:
    """Fails a payment that Stripe doesn't know with the present keys: staff must look.

    The hold on its stock ends. Call it with both rows locked.
    """
    payment.step(PaymentState.FAILED, at=at, why=why)
    release(order, at=at, why=why)
    sentence = _(
        "Stripe can’t be asked about {payment} with the present keys of account {account}. Look in"
        " the dashboard that has it whether it was paid; then deliver or refund there."
    )
    names = {"account": payment.account, "payment": payment.stripe_id}
    call_staff(order, format_lazy(sentence, **names), at=at)


def give_up(payment: Payment, *, at: datetime, why: str) -> bool:
    """Fails an attempt whose session or intent was never handed to the buyer, and ends its hold.

    Returns False, and does nothing, if it has ended already or its session or intent is stored.
    """
    with payment.locked() as (order, payment):
        if payment.state != PaymentState.OPEN or payment.stripe_id:
            return False
        payment.step(PaymentState.FAILED, at=at, why=why)
        release(order, at=at, why=why)
        return True


def end_superseded(*, order: Order, **_signal: Any) -> None:
    """Ends the open attempt of an order that the buyer has edited, so that it can't be paid.

    If Stripe can't be called now, the session expires by itself and is settled then.
    """
    at = timezone.now()
    with deadline():
        for payment in order.payments.filter(state=PaymentState.OPEN).exclude(stripe_id=""):
            try:
                with suppress(NotFoundAtStripe):
                    methods.end(account_named(payment.account), payment, payment.stripe_id)
                settle(payment=payment, at=at, why="the buyer edited the cart")
            except StripeCallFailed as error:
                logger.warning("order %s: its old session could not be ended: %s", order, error)


def _end(order: Order, payment: Payment, at: datetime, why: str, *, has_failed: bool) -> None:
    """The payment can't be paid any more: the hold ends."""
    if payment.state in PENDING:
        was_awaited = payment.state == PaymentState.PROCESSING
        ended_as = PaymentState.FAILED if has_failed or was_awaited else PaymentState.EXPIRED
        payment.step(ended_as, at=at, why=why)
        release(order, at=at, why=why)
        logger.info("order %s: ended unpaid, %s", order, payment.state)


def _wait_for_money(order: Order, payment: Payment, at: datetime, why: str) -> None:
    """The buyer has confirmed a delayed payment method: the money is on its way."""
    if payment.state == PaymentState.OPEN and order.state == State.CHECKOUT:
        payment.step(PaymentState.PROCESSING, at=at, why=why)
        order.step(State.PROCESSING, at=at, why=why)


def _take_money(
    order: Order, payment: Payment, remote: StripePayment, at: datetime, why: str
) -> None:
    """Money has arrived: the order is paid, unless staff must look at it first."""
    if payment.state == PaymentState.SUCCEEDED:
        return
    arrived, recorded = (remote.amount, remote.currency), (payment.amount, payment.currency)
    payment.intent_id, payment.amount, payment.currency = remote.intent_id, *arrived
    payment.step(PaymentState.SUCCEEDED, at=at, why=why)
    if arrived != recorded:
        took, said = (format_money(*each, settings.LANGUAGE_CODE) for each in (arrived, recorded))
        sentence = _(
            "Stripe took {took} with {payment}, the order says {said}."
            " Find out why, then refund it."
        )
        names = {"took": took, "said": said, "payment": payment.stripe_id}
        call_staff(order, format_lazy(sentence, **names), at=at)
    elif order.state == State.PAID:
        sentence = _("Paid a second time, by {payment}. Refund one of the two payments.")
        call_staff(order, format_lazy(sentence, payment=payment.stripe_id), at=at)
    elif _is_of_other_contents(order, payment):
        sentence = _(
            "Paid by {payment}, an earlier attempt: the order has changed since, or is being paid"
            " again. Compare it with the payment at Stripe, then deliver or refund."
        )
        call_staff(order, format_lazy(sentence, payment=payment.stripe_id), at=at)
    else:
        _mark_paid(order, payment, remote.email, at, why)


def _is_of_other_contents(order: Order, payment: Payment) -> bool:
    if order.state == State.CART:
        return False  # _keep_as_it_is alerts staff
    is_paid_again = order.payments.filter(state__in=PENDING).exclude(pk=payment.pk).exists()
    return is_paid_again or payment.amount != order.total_amount


def _mark_paid(order: Order, payment: Payment, email: str, at: datetime, why: str) -> None:
    if order.state == State.CART:
        _keep_as_it_is(order, payment, at)
    if order.state not in HELD:
        _take_late(order, at)
    order.email = email
    order.step(State.PAID, at=at, why=why)
    logger.info("order %s: paid", order)


def _keep_as_it_is(order: Order, payment: Payment, at: datetime) -> None:
    """Paid after it was a cart again: the buyer may have changed it, so staff must look."""
    order.subtotal_amount = max(
        payment.amount, sum(line.subtotal_amount for line in order.lines.all())
    )
    order.total_amount, order.frozen_at = payment.amount, at
    order.save()
    sentence = _(
        "Paid by {payment} after it was a cart again. Compare its lines with the payment at"
        " Stripe, then deliver or refund."
    )
    call_staff(order, format_lazy(sentence, payment=payment.stripe_id), at=at)


def _take_late(order: Order, at: datetime) -> None:
    try:
        take_pieces(order)
    except SoldOut as error:
        sentence = _("Paid after its hold had ended, and sold out: {item}. Deliver or refund.")
        call_staff(order, format_lazy(sentence, item=error), at=at)
    try:
        take_redemption(order)
    except DiscountRefused:
        sentence = _(
            "Paid after its hold had ended, with a code that is used up since."
            " Deliver as it is, or refund."
        )
        call_staff(order, sentence, at=at)
