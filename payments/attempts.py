"""Attempts to pay: freeze the order, write the attempt, and only then ask Stripe."""

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from cart.holds import AlreadyOpen, OrderChanged, freeze, freeze_item, release
from cart.models import Order, State
from payments import kinds
from payments.figures import AmountMismatch
from payments.models import Kind, Payment, PaymentState
from payments.settle import abandon, settle
from payments.stripe_api.accounts import StripeAccount, account_for, account_named
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.errors import (
    CallInFlight,
    NotFoundAtStripe,
    StripeCallFailed,
    StripeUnavailable,
)
from payments.stripe_api.payment_intents import PaymentIntent
from payments.stripe_api.types import Outcome
from store.models import Item
from web.request_id import request_id

logger = logging.getLogger(__name__)

# Stripe lets a session live 30 minutes to 24 hours by its own clock; a minute for clocks apart.
SHORTEST_SESSION = timedelta(minutes=30)
HOLD_WITHOUT_STOCK = timedelta(hours=23, minutes=59)
PRESSES = 3
LONGEST = 300  # of a reason in the history


class AlreadyPaid(Exception):
    """The order's money has arrived or is on its way: there is nothing to pay a second time."""


@dataclass(frozen=True)
class Opened:
    """A session or intent that waits for the buyer, and the account that it is at."""

    account: StripeAccount
    order: Order
    remote: CheckoutSession | PaymentIntent


@dataclass(frozen=True)
class Press:
    """One press of a button that pays: what it asks for, and how its order comes about."""

    account: StripeAccount
    kind: Kind
    at: datetime
    open_payment: Callable[[], Payment | None]
    is_current: Callable[[Order], bool]
    freeze: Callable[[], Order]

    def wants(self, payment: Payment) -> bool:
        """Whether this open attempt is what the buyer asks for. No intent is over nothing."""
        kind = self.kind if payment.amount else Kind.CHECKOUT
        is_due = payment.expires_at <= self.at  # an intent doesn't end by itself
        return payment.kind == kind and not is_due and self.is_current(payment.order)


def buy_item(*, item: Item, visitor: str, kind: Kind, at: datetime) -> Opened:
    """What `visitor` pays one piece of `item` with: the one still open, or a new one.

    Raises SoldOut, StripeCallFailed; nothing is held then. Raises AlreadyPaid
    where this press is the first to hear that the last one was paid: nobody pays twice by mistake.
    """
    buy_key = hashlib.sha256(f"{visitor}:{item.pk}".encode()).hexdigest()

    def open_payment() -> Payment | None:
        return Payment.objects.filter(order__buy_key=buy_key, state=PaymentState.OPEN).first()

    def is_current(order: Order) -> bool:
        line = order.lines.get()
        is_same_item = (line.unit_amount, order.currency) == (item.amount, item.currency)
        return is_same_item and order.has_present_taxes()

    return _open(
        Press(
            account=account_for(item.currency),
            kind=kind,
            at=at,
            open_payment=open_payment,
            is_current=is_current,
            freeze=lambda: freeze_item(item=item, buy_key=buy_key, at=at),
        )
    )


def buy_order(*, order: Order, seen: str | None, kind: Kind, at: datetime) -> Opened:
    """What the buyer pays `order` with: the one still open, or a new one.

    `seen` is the fingerprint of what the cart page showed. Raises what `freeze` raises,
    AlreadyPaid, StripeCallFailed; nothing is held then.
    """

    def freeze_unless_paid() -> Order:
        order.refresh_from_db()
        came = order.payments.filter(state=PaymentState.SUCCEEDED)
        has_money = came.filter(refunded_amount__lt=F("amount")).exists()
        if has_money or order.state in (State.PROCESSING, State.PAID):
            raise AlreadyPaid(order.token)
        return freeze(order=order, seen=seen, at=at)

    return _open(
        Press(
            account=account_for(order.currency),
            kind=kind,
            at=at,
            # With the order as it is now: the one at hand was read before a twin's press froze it.
            open_payment=lambda: Payment.objects.filter(
                order_id=order.pk, state=PaymentState.OPEN
            ).first(),
            is_current=lambda order: True,  # what is frozen stays, until the buyer edits the cart
            freeze=freeze_unless_paid,
        )
    )


def end_attempts(*, order: Order, at: datetime) -> None:
    """Ends the open attempt of an order that was edited; its hold ends with it.

    Where Stripe can't be asked now the session ends by itself later, and is settled then.
    """
    for payment in order.payments.filter(state=PaymentState.OPEN).exclude(stripe_id=""):
        try:
            with suppress(NotFoundAtStripe):
                kinds.end(account_named(payment.account), payment, payment.stripe_id)
            settle(payment=payment, at=at, why="the buyer edited the cart")
        except StripeCallFailed as error:
            logger.warning("order %s: its old session could not be ended: %s", order, error)


def _open(press: Press) -> Opened:
    for _round in range(PRESSES):
        payment = press.open_payment()
        if payment is not None:
            opened = _resume(payment, press)
            if opened is not None:
                return opened
        try:
            payment = _begin(press)
        except AlreadyOpen:
            continue  # another press was quicker: hand out what it got
        return _create(payment, press.at)
    raise CallInFlight("presses of Buy overtake each other")


@transaction.atomic
def _begin(press: Press) -> Payment:
    order = press.freeze()
    is_limited = _holds_what_is_limited(order)
    hold = timedelta(minutes=settings.HOLD_MINUTES) if is_limited else HOLD_WITHOUT_STOCK
    return Payment.objects.create(
        order=order,
        kind=press.kind if order.total_amount else Kind.CHECKOUT,
        attempt=order.payments.count() + 1,
        account=press.account.name,
        livemode=press.account.livemode,
        amount=order.total_amount,
        currency=order.currency,
        expires_at=press.at + hold,
        request_id=request_id(),
    )


def _holds_what_is_limited(order: Order) -> bool:
    has_stock = order.lines.filter(item__stock__isnull=False).exists()
    discount = order.discount
    return has_stock or (discount is not None and discount.max_redemptions is not None)


def _resume(payment: Payment, press: Press) -> Opened | None:
    """The object of an earlier press, where it is still open and still what the buyer wants."""
    if not payment.stripe_id:  # its call is under way, or died
        if press.wants(payment) and payment.expires_at - press.at >= SHORTEST_SESSION:
            return _create(payment, press.at)  # the same key finds the same object
        give_up(payment, at=press.at, why="another payment was chosen")
        return None
    account = account_named(payment.account)
    try:
        remote = kinds.retrieve(account, payment)
        if remote.outcome is Outcome.OPEN:
            if press.wants(payment):
                return Opened(account, payment.order, remote)
            kinds.end(account, payment, payment.stripe_id)
    except NotFoundAtStripe:
        logger.warning("payment %s is gone at Stripe", payment)
        _forget(payment, press.at)
        return None
    settle(payment=payment, at=press.at, why="Buy was pressed")
    payment.refresh_from_db()
    if payment.state in (PaymentState.SUCCEEDED, PaymentState.PROCESSING):
        raise AlreadyPaid(payment.order.token)
    return None


def _create(payment: Payment, at: datetime) -> Opened:
    account = account_named(payment.account)
    try:
        remote = kinds.create(account, payment)
    except CallInFlight:
        raise  # the twin of this call brings the object; the order stays as it is
    except AmountMismatch as mismatch:
        give_up(payment, at=at, why="Stripe's figures are not ours")
        logger.error("order %s: %s", payment.order, mismatch)
        kinds.end(account, payment, mismatch.stripe_id)
        raise
    except StripeCallFailed as error:
        if not give_up(payment, at=at, why=f"{type(error).__name__}: {error}"[:LONGEST]):
            # What the twin of this call gave up is not frozen any more; what Stripe refused then
            # may be half of one order and half of another.
            raise _given_up(payment) from error
        raise
    if not _is_open(payment):
        kinds.end(account, payment, remote.id)
        raise _given_up(payment)
    if Order.objects.filter(pk=payment.order_id, superseded_at__isnull=False).exists():
        kinds.end(account, payment, remote.id)  # another tab edited the cart meanwhile
        settle(payment=payment, at=at, why="the buyer edited the cart")
        raise OrderChanged
    return Opened(account, payment.order, remote)


@transaction.atomic
def _forget(payment: Payment, at: datetime) -> None:
    """The buyer wants to pay, and Stripe knows nothing of the attempt: it makes room for another.

    Should it be paid all the same, at another account, only staff can find out.
    """
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state == PaymentState.OPEN:
        abandon(order, payment, at=at, why="unknown at Stripe")


def _given_up(payment: Payment) -> StripeUnavailable:
    return StripeUnavailable(f"payment {payment.pk} was given up while Stripe answered")


def _is_open(payment: Payment) -> bool:
    payment.refresh_from_db()
    return payment.state == PaymentState.OPEN and bool(payment.stripe_id)


@transaction.atomic
def give_up(payment: Payment, *, at: datetime, why: str) -> bool:
    """Nobody was handed this attempt's object: the attempt has failed and its hold ends.

    False where it had ended already, or its object has arrived: nothing is done then.
    """
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state != PaymentState.OPEN or payment.stripe_id:
        return False
    payment.step(PaymentState.FAILED, at=at, why=why)
    release(order, at=at, why=why)
    return True
