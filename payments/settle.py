"""Settling: what Stripe says of a payment becomes the state of its order, once."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cart.holds import SoldOut, release, take_pieces, take_redemption
from cart.models import HELD, DiscountRefused, Order, State
from payments import aftermath, kinds
from payments.attention import call_staff
from payments.models import PENDING, Payment, PaymentState, StripeEvent
from payments.stripe_api.accounts import StripeAccount, account_named
from payments.stripe_api.errors import NotFoundAtStripe
from payments.stripe_api.types import Outcome, StripePayment
from store.money import format_money

logger = logging.getLogger(__name__)

# A delayed payment may take so long (SEPA: up to 14 days).
BANKS_TAKE = timedelta(days=14)


def settle(*, payment: Payment, at: datetime, why: str, event: StripeEvent | None = None) -> None:
    """Reads the session or intent back from Stripe and moves the order one legal step, if any.

    Refunds and disputes of it are mirrored. Twice, or two at once: the second changes nothing.
    `event`, the reason to look, is stored in the same transaction. `why` goes into the history.
    Raises StripeCallFailed, and IntegrityError where the event was stored already.
    """
    payment.refresh_from_db()
    account = account_named(payment.account)
    remote = _look(account, payment)
    is_paid = remote is not None and remote.outcome is Outcome.PAID
    found = aftermath.look(account, payment, remote) if remote and is_paid else None
    with transaction.atomic():
        if event is not None:
            event.save(force_insert=True)
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        _apply(order, payment, remote, at, why)
        if found is not None:
            aftermath.mirror(order, payment, found, at=at)


def _look(account: StripeAccount, payment: Payment) -> StripePayment | None:
    try:
        remote = kinds.retrieve(account, payment)
        if payment.state == PaymentState.PROCESSING and remote.outcome is Outcome.OPEN:
            # A delayed method brought nothing. At Stripe the intent could be paid once more, by a
            # buyer whose stock is gone: it ends.
            kinds.end(account, payment, payment.stripe_id)
            remote = kinds.retrieve(account, payment)
    except NotFoundAtStripe:
        return None
    return remote


def _apply(
    order: Order, payment: Payment, remote: StripePayment | None, at: datetime, why: str
) -> None:
    if remote is None:
        if payment.state in PENDING and at >= due(payment):
            abandon(order, payment, at=at, why=why)
    elif remote.outcome in (Outcome.ENDED, Outcome.FAILED):
        _end(order, payment, at, why, has_failed=remote.outcome is Outcome.FAILED)
    elif remote.outcome is Outcome.PAID:
        _take_money(order, payment, remote, at, why)
    elif remote.outcome is Outcome.PROCESSING:
        _wait_for_money(order, payment, at, why)


def due(payment: Payment) -> datetime:
    """When knowing nothing of a payment is the end of it: keys may be wrong for a while."""
    is_awaited = payment.state == PaymentState.PROCESSING
    return payment.expires_at + (BANKS_TAKE if is_awaited else timedelta(0))


def abandon(order: Order, payment: Payment, *, at: datetime, why: str) -> None:
    """Stripe can't be asked about it with the present keys: staff must look, stock must not wait.

    Call it with both rows locked.
    """
    payment.step(PaymentState.FAILED, at=at, why=why)
    release(order, at=at, why=why)
    sentence = _(
        "Stripe can’t be asked about {payment} with the present keys of account {account}. Look in"
        " the dashboard that has it whether it was paid; then deliver or refund there."
    )
    names = {"account": payment.account, "payment": payment.stripe_id}
    call_staff(order, format_lazy(sentence, **names), at=at)


def _end(order: Order, payment: Payment, at: datetime, why: str, *, has_failed: bool) -> None:
    """It can't bring money any more: the hold ends."""
    if payment.state in PENDING:
        was_awaited = payment.state == PaymentState.PROCESSING
        ended_as = PaymentState.FAILED if has_failed or was_awaited else PaymentState.EXPIRED
        payment.step(ended_as, at=at, why=why)
        release(order, at=at, why=why)
        logger.info("order %s: ended unpaid, %s", order, payment.state)


def _wait_for_money(order: Order, payment: Payment, at: datetime, why: str) -> None:
    """A delayed payment method: the buyer is done, the money is on its way."""
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
        return False  # it is kept as it is, with a word to staff
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
    """Paid after it was a cart again: the buyer may have changed it, so that staff must look."""
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
