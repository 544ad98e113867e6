"""Buying: freeze the order, write the attempt, and only then ask Stripe for a session."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from cart.holds import AlreadyOpen, freeze, freeze_item, release
from cart.models import Order
from payments import gateway, rates
from payments.accounts import Account, PayingNotSetUp, account_for, account_named
from payments.figures import AmountMismatch, adopt
from payments.models import Payment, PaymentState
from payments.settle import settle
from store.models import Item

logger = logging.getLogger(__name__)

# Stripe lets a session live 30 minutes to 24 hours by its own clock; a minute for clocks apart.
SHORTEST_SESSION = timedelta(minutes=30)
HOLD_OF_LIMITED_STOCK = timedelta(minutes=31)
HOLD_WITHOUT_STOCK = timedelta(hours=23, minutes=59)
PRESSES = 3


@dataclass(frozen=True)
class Checkout:
    """An open session and the account it is at: all that a browser needs to go there."""

    account: Account
    session: gateway.CheckoutSession


def buy_item(*, item: Item, visitor: str, at: datetime) -> Checkout:
    """The session at which `visitor` pays one piece of `item`: the one still open, or a new one.

    Raises SoldOut, PayingNotSetUp, GatewayError; nothing is held then.
    """
    account = account_for(item.currency)
    buy_key = hashlib.sha256(f"{visitor}:{item.pk}".encode()).hexdigest()

    def open_payment() -> Payment | None:
        return Payment.objects.filter(order__buy_key=buy_key, state=PaymentState.OPEN).first()

    def is_current(order: Order) -> bool:
        line = order.lines.get()
        return (line.unit_amount, order.currency) == (item.amount, item.currency)

    return _press(
        account,
        open_payment=open_payment,
        is_current=is_current,
        freeze=lambda: freeze_item(item=item, buy_key=buy_key, at=at),
        at=at,
    )


def buy_order(*, order: Order, seen: str | None, at: datetime) -> Checkout:
    """The session at which the buyer pays `order`: the one still open, or a new one.

    `seen` is the fingerprint of what the cart page showed. Raises what `freeze` raises,
    PayingNotSetUp, GatewayError; nothing is held then.
    """
    return _press(
        account_for(order.currency),
        open_payment=lambda: order.payments.filter(state=PaymentState.OPEN).first(),
        is_current=lambda order: True,  # what is frozen stays, until the buyer edits the cart
        freeze=lambda: freeze(order=order, seen=seen, at=at),
        at=at,
    )


def _press(
    account: Account,
    *,
    open_payment: Callable[[], Payment | None],
    is_current: Callable[[Order], bool],
    freeze: Callable[[], Order],
    at: datetime,
) -> Checkout:
    for _press in range(PRESSES):
        payment = open_payment()
        if payment is not None:
            checkout = _resume(payment, is_current, at)
            if checkout is not None:
                return checkout
        try:
            payment = _begin(account, freeze, at)
        except AlreadyOpen:
            continue  # another press was quicker: hand out its session
        return _create_session(payment, at)
    raise gateway.CallInFlight("presses of Buy overtake each other")


@transaction.atomic
def _begin(account: Account, freeze: Callable[[], Order], at: datetime) -> Payment:
    order = freeze()
    is_limited = order.lines.filter(item__stock__isnull=False).exists()
    return Payment.objects.create(
        order=order,
        attempt=order.payments.count() + 1,
        account=account.name,
        livemode=account.livemode,
        amount=order.total_amount,
        currency=order.currency,
        expires_at=at + (HOLD_OF_LIMITED_STOCK if is_limited else HOLD_WITHOUT_STOCK),
    )


def _resume(payment: Payment, is_current: Callable[[Order], bool], at: datetime) -> Checkout | None:
    """The session of an earlier press, where it is still open and still what the buyer wants."""
    if not payment.stripe_id:  # its call is under way, or died
        if is_current(payment.order) and payment.expires_at - at >= SHORTEST_SESSION:
            return _create_session(payment, at)  # the same key finds the same session
        _give_up(payment, at)
        return None
    account = account_named(payment.account)
    try:
        session = gateway.retrieve_checkout_session(account, payment.stripe_id)
        if session.is_open and is_current(payment.order):
            return Checkout(account, session)
        if session.is_open:
            gateway.expire_checkout_session(account, payment.stripe_id)
    except gateway.UnknownAtStripe:
        logger.warning("payment %s: its session is gone", payment)
    settle(payment=payment, at=at)
    return None


def end_session(*, order: Order, at: datetime) -> None:
    """Ends the open session of an order that was edited; its hold ends with it.

    Where Stripe can't be asked now the session ends by itself later, and is settled then.
    """
    for payment in order.payments.filter(state=PaymentState.OPEN).exclude(stripe_id=""):
        try:
            gateway.expire_checkout_session(account_named(payment.account), payment.stripe_id)
            settle(payment=payment, at=at)
        except (gateway.GatewayError, PayingNotSetUp) as error:
            logger.warning("order %s: its old session could not be ended: %s", order, error)


def _create_session(payment: Payment, at: datetime) -> Checkout:
    account, order = account_named(payment.account), payment.order
    try:
        session, rate_ids = _call(account, payment)
        adopt(order=order, payment=payment, session=session, rate_ids=rate_ids)
    except gateway.CallInFlight:
        raise  # the twin of this call brings the session; the order stays as it is
    except AmountMismatch as mismatch:
        _give_up(payment, at)
        logger.error("order %s: %s", order, mismatch)
        gateway.expire_checkout_session(account, session.id)
        raise
    except gateway.GatewayError:
        _give_up(payment, at)
        raise
    if not _is_open(payment):
        gateway.expire_checkout_session(account, session.id)
        raise gateway.StripeUnavailable(f"payment {payment.pk} was given up while Stripe answered")
    return Checkout(account, session)


def _call(account: Account, payment: Payment) -> tuple[gateway.CheckoutSession, list[str]]:
    """Asks for the session; where a coupon or tax rate is gone, once more with new ones."""
    try:
        return _call_once(account, payment)
    except gateway.UnknownAtStripe:
        rates.forget(account, payment.order)
        return _call_once(account, payment)


def _call_once(account: Account, payment: Payment) -> tuple[gateway.CheckoutSession, list[str]]:
    order = payment.order
    lines = list(order.lines.all())
    rate_ids = [rates.tax_rate_id(account, tax) for tax in order.taxes.all()]
    session = gateway.create_checkout_session(
        account,
        idempotency_key=payment.idempotency_key,
        currency=order.currency,
        lines=lines,
        coupon_id=rates.coupon_id(account, order),
        tax_rate_ids=rate_ids,
        reference=order.token,
        success_url=settings.BASE_URL + reverse("payments:return", args=[order.token]),
        cancel_url=settings.BASE_URL + _cancel_path(order, lines[0].item_id),
        expires_at=payment.expires_at,
    )
    return session, rate_ids


def _cancel_path(order: Order, item_id: int) -> str:
    """Where the buyer came from: the item for a one-click order, else the cart."""
    if order.buy_key:
        return reverse("store:item-detail", args=[item_id])
    return reverse("cart:order-detail")


def _is_open(payment: Payment) -> bool:
    payment.refresh_from_db()
    return payment.state == PaymentState.OPEN and bool(payment.stripe_id)


@transaction.atomic
def _give_up(payment: Payment, at: datetime) -> None:
    """Nobody was handed this attempt's session: the attempt has failed and its hold ends."""
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    open_attempt = Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN, stripe_id="")
    if open_attempt.update(state=PaymentState.FAILED):
        release(order, at=at)
