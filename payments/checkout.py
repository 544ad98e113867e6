"""A press of Buy: freezes the order, stores the attempt to pay, and only then calls Stripe."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from cart.holds import AlreadyOpen, OrderChanged, freeze, freeze_item
from cart.models import Order, State
from payments import amount_check, methods
from payments.errors import AlreadyPaid, AmountMismatch
from payments.models import Kind, Payment, PaymentState
from payments.settlement import abandon, give_up, settle
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

# A session can live 30 minutes to 24 hours (https://docs.stripe.com/api/checkout/sessions/create);
# one minute less, because Stripe's clock may differ from ours.
SHORTEST_SESSION = timedelta(minutes=30)
HOLD_WITHOUT_STOCK = timedelta(hours=23, minutes=59)
MAX_TRIES = 3
MAX_REASON_LENGTH = 300  # in the history


@dataclass(frozen=True)
class OpenCheckout:
    """An open session or intent, with its order and account."""

    account: StripeAccount
    order: Order
    remote: CheckoutSession | PaymentIntent


@dataclass(frozen=True)
class Press:
    """One press of Buy: what it asks for, and how its order is frozen."""

    account: StripeAccount
    kind: Kind
    at: datetime
    open_payment: Callable[[], Payment | None]
    is_current: Callable[[Order], bool]
    freeze: Callable[[], Order]

    def wants(self, payment: Payment) -> bool:
        """Whether this open attempt is what the buyer asks for; a free order needs a session."""
        kind = self.kind if payment.amount else Kind.CHECKOUT
        is_due = payment.expires_at <= self.at  # an intent doesn't end by itself
        return payment.kind == kind and not is_due and self.is_current(payment.order)


def buy_item(*, item: Item, visitor: str, kind: Kind, at: datetime) -> OpenCheckout:
    """The session or intent for one piece of `item`: the one that is still open, or a new one.

    Raises SoldOut, StripeCallFailed, and AlreadyPaid if the last press turns out to be paid: the
    buyer must not pay twice by mistake. Nothing is held then.
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


def buy_order(*, order: Order, seen: str | None, kind: Kind, at: datetime) -> OpenCheckout:
    """The session or intent for `order`: the one that is still open, or a new one.

    `seen` is the fingerprint of what the cart page showed. Raises what `freeze` raises,
    AlreadyPaid, StripeCallFailed. Nothing is held then.
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
            # By the order's id: another press may have frozen the order after `order` was read.
            open_payment=lambda: Payment.objects.filter(
                order_id=order.pk, state=PaymentState.OPEN
            ).first(),
            is_current=lambda order: True,  # a frozen order is current until the cart is edited
            freeze=freeze_unless_paid,
        )
    )


def return_url(order: Order) -> str:
    """Where Stripe sends the buyer when the payment is done."""
    return settings.BASE_URL + reverse("payments:return", args=[order.token])


def retry_path(order: Order) -> str:
    """Where the buyer came from: the item's page for a one-click order, else the cart."""
    if order.buy_key:
        return reverse("store:item-detail", args=[order.lines.get().item_id])
    return reverse("cart:order-detail")


def _open(press: Press) -> OpenCheckout:
    for _round in range(MAX_TRIES):
        payment = press.open_payment()
        if payment is not None:
            opened = _resume(payment, press)
            if opened is not None:
                return opened
        try:
            payment = _begin(press)
        except AlreadyOpen:
            continue  # another press was quicker: return its session
        return _create(payment, press.at)
    raise CallInFlight("other presses of Buy were quicker")


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


def _resume(payment: Payment, press: Press) -> OpenCheckout | None:
    """The session of an earlier press, if it is open and still what the buyer wants."""
    if not payment.stripe_id:  # its call to Stripe is under way, or a crash ended it
        if press.wants(payment) and payment.expires_at - press.at >= SHORTEST_SESSION:
            return _create(payment, press.at)  # the same idempotency key finds the same session
        give_up(payment, at=press.at, why="another payment was chosen")
        return None
    account = account_named(payment.account)
    try:
        remote = methods.retrieve(account, payment)
        if remote.outcome is Outcome.OPEN:
            if press.wants(payment):
                return OpenCheckout(account, payment.order, remote)
            methods.end(account, payment, payment.stripe_id)
    except NotFoundAtStripe:
        logger.warning("payment %s is gone at Stripe", payment)
        _forget(payment, press.at)
        return None
    settle(payment=payment, at=press.at, why="Buy was pressed")
    payment.refresh_from_db()
    if payment.state in (PaymentState.SUCCEEDED, PaymentState.PROCESSING):
        raise AlreadyPaid(payment.order.token)
    return None


def _create(payment: Payment, at: datetime) -> OpenCheckout:
    account = account_named(payment.account)
    try:
        remote = methods.create(
            account,
            payment,
            return_url=return_url(payment.order),
            cancel_url=settings.BASE_URL + retry_path(payment.order),
        )
        is_open = amount_check.record(payment, remote)
    except CallInFlight:
        raise  # another request is creating this session: leave the order as it is
    except AmountMismatch as mismatch:
        give_up(payment, at=at, why="Stripe's figures are not ours")
        logger.error("order %s: %s", payment.order, mismatch)
        methods.end(account, payment, mismatch.stripe_id)
        raise
    except StripeCallFailed as error:
        if not give_up(payment, at=at, why=f"{type(error).__name__}: {error}"[:MAX_REASON_LENGTH]):
            # Another request has given up this attempt, so the order isn't frozen any more and
            # Stripe may have refused a mix of old and new values.
            raise _given_up(payment) from error
        raise
    if not is_open:
        methods.end(account, payment, remote.id)
        raise _given_up(payment)
    if Order.objects.filter(pk=payment.order_id, superseded_at__isnull=False).exists():
        methods.end(account, payment, remote.id)  # another tab edited the cart meanwhile
        settle(payment=payment, at=at, why="the buyer edited the cart")
        raise OrderChanged
    return OpenCheckout(account, payment.order, remote)


def _forget(payment: Payment, at: datetime) -> None:
    """Fails an attempt that Stripe doesn't know, so that the buyer can pay by another.

    If it is paid all the same, at another account, only staff can find out.
    """
    with payment.locked() as (order, payment):
        if payment.state == PaymentState.OPEN:
            abandon(order, payment, at=at, why="unknown at Stripe")


def _given_up(payment: Payment) -> StripeUnavailable:
    return StripeUnavailable(f"payment {payment.pk} was given up while Stripe answered")
