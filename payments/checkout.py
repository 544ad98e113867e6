"""Buying: freeze the order, write the attempt, and only then ask Stripe for a session."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from cart.holds import AlreadyOpen, cancel, freeze_item
from cart.models import Order
from payments import gateway
from payments.accounts import Account, account_for, account_named
from payments.models import Payment, PaymentState
from payments.settle import settle
from store.models import Item

logger = logging.getLogger(__name__)

# Stripe lets a session live 30 minutes to 24 hours by its own clock; a minute for clocks apart.
HOLD_OF_LIMITED_STOCK = timedelta(minutes=31)
HOLD_WITHOUT_STOCK = timedelta(hours=23, minutes=59)
PRESSES = 3


class AmountMismatch(gateway.GatewayError):
    """Stripe would charge another amount than the order says; the session was ended."""


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
    for _press in range(PRESSES):
        payment = Payment.objects.filter(order__buy_key=buy_key, state=PaymentState.OPEN).first()
        if payment is not None:
            checkout = _resume(payment, item, at)
            if checkout is not None:
                return checkout
        try:
            payment = _begin(account, item, buy_key, at)
        except AlreadyOpen:
            continue  # another press was quicker: hand out its session
        return _create_session(payment, at)
    raise gateway.CallInFlight(f"presses of Buy on item {item.pk} overtake each other")


@transaction.atomic
def _begin(account: Account, item: Item, buy_key: str, at: datetime) -> Payment:
    order = freeze_item(item=item, buy_key=buy_key, at=at)
    hold = HOLD_WITHOUT_STOCK if item.stock is None else HOLD_OF_LIMITED_STOCK
    return Payment.objects.create(
        order=order,
        account=account.name,
        livemode=account.livemode,
        amount=order.total_amount,
        currency=order.currency,
        expires_at=at + hold,
    )


def _resume(payment: Payment, item: Item, at: datetime) -> Checkout | None:
    """The session of an earlier press, where it is still open and still at the item's price."""
    if not payment.stripe_id:  # its call is under way, or died: the same key finds the same session
        return _create_session(payment, at)
    account = account_named(payment.account)
    try:
        session = gateway.retrieve_checkout_session(account, payment.stripe_id)
        if session.is_open and (payment.amount, payment.currency) == (item.amount, item.currency):
            return Checkout(account, session)
        if session.is_open:
            gateway.expire_checkout_session(account, payment.stripe_id)
    except gateway.UnknownAtStripe:
        logger.warning("payment %s: its session is gone", payment)
    settle(payment=payment, at=at)
    return None


def _create_session(payment: Payment, at: datetime) -> Checkout:
    account, order = account_named(payment.account), payment.order
    lines = list(order.lines.all())
    try:
        session = gateway.create_checkout_session(
            account,
            idempotency_key=payment.idempotency_key,
            currency=order.currency,
            lines=lines,
            reference=order.token,
            success_url=settings.BASE_URL + reverse("payments:return", args=[order.token]),
            cancel_url=settings.BASE_URL + reverse("store:item-detail", args=[lines[0].item_id]),
            expires_at=payment.expires_at,
        )
    except gateway.CallInFlight:
        raise  # the twin of this call brings the session; the order stays as it is
    except gateway.GatewayError:
        _give_up(payment, at)
        raise
    if (session.amount_total, session.currency) != (payment.amount, payment.currency):
        return _refuse_amount(payment, account, session, at)
    _remember(payment, account, session)
    return Checkout(account, session)


def _remember(payment: Payment, account: Account, session: gateway.CheckoutSession) -> None:
    """Stores the session's id; where the attempt was ended meanwhile, the session ends too."""
    still_open = Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN)
    if not still_open.update(stripe_id=session.id, expires_at=session.expires_at):
        gateway.expire_checkout_session(account, session.id)
        raise gateway.StripeUnavailable(f"payment {payment.pk} was given up while Stripe answered")


def _refuse_amount(
    payment: Payment, account: Account, session: gateway.CheckoutSession, at: datetime
) -> Checkout:
    gateway.expire_checkout_session(account, session.id)
    _give_up(payment, at)
    wanted, got = (payment.amount, payment.currency), (session.amount_total, session.currency)
    logger.error("order %s: Stripe would charge %s, not %s", payment.order, got, wanted)
    raise AmountMismatch(f"{got} instead of {wanted}")


@transaction.atomic
def _give_up(payment: Payment, at: datetime) -> None:
    """Nobody was handed this attempt's session: the attempt has failed and its hold ends."""
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    open_attempt = Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN, stripe_id="")
    if open_attempt.update(state=PaymentState.FAILED):
        cancel(order, at=at)
