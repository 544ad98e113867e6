"""Begin to pay: freeze the order, store the attempt, and only then ask Stripe."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from cart.freezing import AlreadyOpen, FrozenOrder, OrderChanged, freeze_item, freeze_order
from cart.item_quote import is_current
from cart.models import Cause, HistoryKind, Order, State
from payments import amount_check, methods
from payments.errors import AlreadyPaid, AmountMismatch, PaymentAwaited
from payments.methods import own_coupons
from payments.models import UNPAID, Kind, Payment, PaymentState
from payments.settlement import (
    cancel_and_settle,
    end_unanswered,
    end_unknown,
    settle,
    settle_originals,
)
from payments.stripe_api import clock
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

# A session lives 30 minutes to 24 hours by Stripe's clock, which may differ from ours by minutes:
# https://docs.stripe.com/api/checkout/sessions/create ("expires_at")
SHORTEST_SESSION = timedelta(minutes=30)
HOLD_OF_NOTHING_LIMITED = timedelta(hours=23, minutes=55)
MAX_TRIES = 3  # of a press of Buy, while other presses are quicker
UNPAID_ATTEMPTS = Payment.objects.filter(UNPAID).select_related("order")


@dataclass(frozen=True)
class OpenCheckout:
    """A session or intent that the buyer can pay, with its account and order."""

    account: StripeAccount
    order: Order
    stripe_payment: CheckoutSession | PaymentIntent


def buy_item(
    *, item: Item, visitor: str, address_hash: str, kind: Kind, at: datetime
) -> OpenCheckout:
    """Give `visitor` a way to pay one piece of `item`: the one still open, or a new one.

    Raises SoldOut, HoldRefused, OrderChanged, AccountNotSetUp, AmountMismatch, StripeCallFailed;
    nothing is held then. Raises AlreadyPaid if the visitor's last purchase turns out to be paid,
    and CallInFlight if other presses are quicker or wait for Stripe.
    """
    account = account_for(item.currency)
    buy_key = hashlib.sha256(f"{visitor}:{item.pk}".encode()).hexdigest()
    for _try in range(MAX_TRIES):
        payment = UNPAID_ATTEMPTS.filter(order__buy_key=buy_key).first()
        if payment is not None:
            is_wanted = _is_usable_as(payment, kind, at) and is_current(payment.order, item)
            if checkout := _resume(payment, is_wanted=is_wanted, at=at):
                return checkout
        try:
            with transaction.atomic():
                frozen = freeze_item(
                    item=item, visitor=visitor, address_hash=address_hash, buy_key=buy_key, at=at
                )
                payment = begin_attempt(account, frozen, kind=kind, attempt=1, at=at)
        except AlreadyOpen:
            continue  # another press was quicker
        return open_at_stripe(account, frozen, payment, at=at)
    raise CallInFlight("other presses of Buy were quicker")


def buy_order(
    *, order: Order, shown_fingerprint: str | None, address_hash: str, kind: Kind, at: datetime
) -> OpenCheckout:
    """Give the buyer a way to pay `order`: the one still open, or a new one.

    `shown_fingerprint` is that of the quote on the cart page. Raises what `freeze_order` raises,
    but not AlreadyOpen, and AccountNotSetUp, AmountMismatch, StripeCallFailed; nothing is held
    then. Raises AlreadyPaid, and CallInFlight if other presses are quicker or wait for Stripe.
    """
    account = account_for(order.currency)
    settle_originals(order, at=at)
    for _try in range(MAX_TRIES):
        payment = UNPAID_ATTEMPTS.filter(order_id=order.pk, order__superseded_at=None).first()
        if payment is not None:
            is_wanted = _is_usable_as(payment, kind, at)
            if checkout := _resume(payment, is_wanted=is_wanted, at=at):
                return checkout
        try:
            with transaction.atomic():
                order = Order.objects.locked(order.pk)
                if order.superseded_at:
                    raise OrderChanged  # the buyer goes on with a copy of it
                attempt = _next_attempt(order)
                frozen = freeze_order(
                    order, shown_fingerprint=shown_fingerprint, address_hash=address_hash, at=at
                )
                payment = begin_attempt(account, frozen, kind=kind, attempt=attempt, at=at)
        except AlreadyOpen:
            continue  # another press was quicker
        return open_at_stripe(account, frozen, payment, at=at)
    raise CallInFlight("other presses of Buy were quicker")


def return_url(order: Order) -> str:
    """The address to which Stripe sends the buyer after the payment."""
    return settings.BASE_URL + reverse("payments:return", args=[order.token])


def _is_usable_as(payment: Payment, kind: Kind, at: datetime) -> bool:
    """Whether an open attempt is of the kind that the buyer asks for, and not overdue."""
    wanted = kind if payment.amount else Kind.CHECKOUT  # as in begin_attempt
    return payment.kind == wanted and payment.expires_at > at  # an intent doesn't expire by itself


def _next_attempt(order: Order) -> int:
    """The number of the order's next attempt. Raises AlreadyPaid.

    A payment that was refunded in full doesn't stop the buyer from paying again.
    """
    payments = list(order.payments.all())
    is_paid = any(payment.is_refundable for payment in payments)
    if is_paid or order.state in (State.PROCESSING, State.PAID):
        raise AlreadyPaid(order)
    return len(payments) + 1


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
        coupon_id=own_coupons.new_id(order, kind),
        request_id=request_id(),
    )


def _resume(payment: Payment, *, is_wanted: bool, at: datetime) -> OpenCheckout | None:
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


def open_at_stripe(
    account: StripeAccount, frozen: FrozenOrder, payment: Payment, *, at: datetime
) -> OpenCheckout:
    """Create the session or intent of a stored attempt, and record its figures.

    Raises AmountMismatch if Stripe's figures are wrong, OrderChanged if the buyer has edited the
    order meanwhile, and StripeCallFailed. The attempt has ended then, unless it is CallInFlight.
    """
    created = _create_at_stripe(account, frozen, payment, at)
    try:
        with payment.locked() as (stored_order, stored_payment):
            is_open = stored_payment.state == PaymentState.OPEN
            has_other = stored_payment.stripe_id not in ("", created.id)
            if is_open and not has_other:
                amount_check.record(frozen, stored_payment, created)
    except AmountMismatch as mismatch:
        cause = Cause(HistoryKind.STRIPE_CALL, detail="amounts differ")
        end_unanswered(payment, at=at, cause=cause)
        logger.error("order %s: %s", frozen.order, mismatch)
        methods.end(account, payment, created.id)
        raise
    if has_other or not is_open:  # the other press sent another tax rate, for example
        methods.end(account, payment, created.id)
        raise CallInFlight(f"{payment} was opened or ended by another request during the call")
    if stored_order.superseded_at:
        cancel_and_settle(stored_payment, at=at, cause=Cause(HistoryKind.EDIT))
        raise OrderChanged
    return OpenCheckout(account, frozen.order, created)


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
