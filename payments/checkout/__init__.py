"""Begin to pay: freeze the order, store the attempt, and only then ask Stripe."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cart.freezing import AlreadyOpen, FrozenOrder, OrderChanged, freeze_item, freeze_order
from cart.holds import locked_items
from cart.item_quote import is_current, quote_item
from cart.models import Order
from cart.quote import Quote
from payments.checkout.attempts import begin_attempt, is_usable_as, next_attempt, resume
from payments.checkout.opening import OpenCheckout, open_at_stripe, return_url
from payments.errors import ANSWERED, ItemNotFound
from payments.models import UNPAID, Kind, Payment
from payments.settlement import settle_originals
from payments.stripe_api.accounts import StripeAccount, account_for
from payments.stripe_api.errors import CallInFlight

__all__ = ["OpenCheckout", "begin_attempt", "buy_item", "buy_order", "open_at_stripe", "return_url"]

REFUSALS: tuple[type[Exception], ...] = (AlreadyOpen, *ANSWERED)
MAX_TRIES = 3  # of a press of Buy, while other presses are quicker


@dataclass(frozen=True)
class _Begun:
    """An attempt: a new one of the order that was just `frozen`, or one that is open already."""

    account: StripeAccount
    payment: Payment
    frozen: FrozenOrder | None = None
    is_wanted: bool = True


def _accept(_quote: Quote) -> None:
    """The buyer may pay every price."""


def _nothing_to_record(_is_begun: bool) -> None:
    """Only requests are counted."""


def buy_item(
    *,
    item_id: int,
    visitor: str,
    address_hash: str,
    kind: Kind,
    at: datetime,
    check_quote: Callable[[Quote], None] = _accept,
    record_press: Callable[[bool], None] = _nothing_to_record,
) -> OpenCheckout:
    """Give `visitor` a way to pay one piece of an item: the one still open, or a new one.

    `check_quote` raises PriceChanged if the buyer hasn't seen what the item costs now. Raises
    ItemNotFound, SoldOut, HoldRefused, AccountNotSetUp, AmountMismatch, StripeCallFailed; nothing
    is held then. Raises AlreadyPaid if the visitor's last purchase turns out to be paid, and
    CallInFlight if other presses are quicker or wait for Stripe. See `_begin` for `record_press`.
    """
    buy_key = hashlib.sha256(f"{visitor}:{item_id}".encode()).hexdigest()

    def begin() -> _Begun:
        """Freeze the item, unless the visitor has an open attempt. The quote is of a locked row."""
        item = locked_items().listed().filter(pk=item_id).first()
        if item is None:
            raise ItemNotFound
        account, quote = account_for(item.currency), quote_item(item, visitor)
        check_quote(quote)
        unpaid = Payment.objects.filter(UNPAID, order__buy_key=buy_key)
        payment_id = unpaid.values_list("pk", flat=True).first()
        if payment_id is not None:
            payment = Payment.objects.select_related("order").get(pk=payment_id)
            is_wanted = is_usable_as(payment, kind, at) and is_current(payment.order, quote)
            return _Begun(account, payment, is_wanted=is_wanted)
        frozen = freeze_item(quote, address_hash=address_hash, buy_key=buy_key, at=at)
        payment = begin_attempt(account, frozen, kind=kind, attempt=1, at=at)
        return _Begun(account, payment, frozen)

    return _open(begin, record_press, at)


def buy_order(
    *,
    order: Order,
    shown_fingerprint: str | None,
    address_hash: str,
    kind: Kind,
    at: datetime,
    record_press: Callable[[bool], None] = _nothing_to_record,
) -> OpenCheckout:
    """Give the buyer a way to pay `order`: the one still open, or a new one.

    `shown_fingerprint` is that of the quote on the cart page. Raises what `freeze_order` raises,
    but not AlreadyOpen, and AccountNotSetUp, AmountMismatch, StripeCallFailed; nothing is held
    then. Raises AlreadyPaid, and CallInFlight if other presses are quicker or wait for Stripe. See
    `_begin` for `record_press`.
    """
    account = account_for(order.currency)
    if order.copied_from_id is not None:
        record_press(False)
        settle_originals(order, at=at)

    def begin() -> _Begun:
        locked = Order.objects.locked(order.pk)
        if locked.superseded_at:
            raise OrderChanged  # the buyer goes on with a copy of it
        payments = list(locked.payments.all())
        if unpaid := next((payment for payment in payments if payment.is_unpaid), None):
            return _Begun(account, unpaid, is_wanted=is_usable_as(unpaid, kind, at))
        attempt = next_attempt(locked, payments)
        frozen = freeze_order(
            locked, shown_fingerprint=shown_fingerprint, address_hash=address_hash, at=at
        )
        payment = begin_attempt(account, frozen, kind=kind, attempt=attempt, at=at)
        return _Begun(account, payment, frozen)

    return _open(begin, record_press, at)


def _open(
    begin: Callable[[], _Begun], record_press: Callable[[bool], None], at: datetime
) -> OpenCheckout:
    """Begin to pay, and open what was begun at Stripe, or the attempt that is open already."""
    for _try in range(MAX_TRIES):
        try:
            begun = _begin(begin, record_press)
        except AlreadyOpen:
            continue  # another press was quicker
        if begun.frozen:
            return open_at_stripe(begun.account, begun.frozen, begun.payment, at=at)
        if checkout := resume(begun.payment, is_wanted=begun.is_wanted, at=at):
            return checkout
    raise CallInFlight("other presses of Buy were quicker")


def _begin(begin: Callable[[], _Begun], record_press: Callable[[bool], None]) -> _Begun:
    """Begin to pay and record the press, in one transaction.

    `record_press` is told whether the press isn't refused, and may be called again. It comes last
    because it locks the count of the address. `begin` undoes what it has written before it raises
    one of REFUSALS.
    """
    refusal = None
    with transaction.atomic():
        try:
            begun = begin()
        except REFUSALS as error:
            refusal = error
        record_press(refusal is None)
    if refusal:
        raise refusal
    return begun
