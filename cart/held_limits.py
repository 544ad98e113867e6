"""Limits on what one address, and one visitor, can hold without paying.

Their numbers are settings: see "What buyers can reserve" in docs/deployment.md.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cart.models import HELD, Order, OrderLine, State

# A visitor can hold the same for this long without a pause. Then other buyers get a chance.
LONGEST_HOLD = timedelta(hours=2)
PAUSE = timedelta(minutes=15)


class HoldRefused(Exception):
    """The address or the visitor can't hold more now; `message` says why to the buyer."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TooManyHeld(HoldRefused):
    """The order has more than the `left` pieces that the address or visitor can still hold."""

    def __init__(self, name: str, limit: int, *, left: int) -> None:
        reason = _(
            "At most %(limit)s pieces of “%(name)s” can be in unpaid orders from one internet"
            " connection."
        )
        if left:
            advice = _("You can order %(left)s now. Change the quantity, or try again later.")
        else:
            advice = _("Try again when those orders are paid, or later.")
        super().__init__(f"{reason} {advice}" % {"limit": limit, "name": name, "left": left})


class _Row(NamedTuple):
    """A line of an order that this address or visitor holds, or has just held."""

    order: int
    state: str
    address_hash: str
    visitor: str
    discount: int | None
    held_since: datetime | None
    released_at: datetime | None
    item: int | None
    pieces: int | None


def held_since(order: Order, *, at: datetime) -> datetime:
    """Return since when an order that is frozen now holds, over all attempts without a pause."""
    if order.held_since and order.released_at and at - order.released_at < PAUSE:
        return order.held_since
    return at


def check_limits(order: Order, lines: Sequence[OrderLine], *, at: datetime) -> None:
    """Raise HoldRefused if the order's address or visitor holds too much, with this order.

    Call it last in the transaction that freezes the order: the rows of its items and its discount
    are locked then, so that two presses at once are counted one after the other.
    """
    _lock_address(order.address_hash)
    rows = _rows(order, at)
    held = [row for row in rows if row.state in HELD]
    _check_attempts(order, held)
    if settings.HELD_PIECES_PER_ADDRESS:
        _check_pieces(order, lines, held)
        _check_code(order, held)
        _check_pause(order, [row for row in rows if _is_same(row, order, lines)], at)


def _lock_address(address_hash: str) -> None:
    """Let other presses from this address wait until the transaction ends.

    They may have no row in common. SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":  # pragma: no cover  # coverage is measured on SQLite
        with connection.cursor() as cursor:
            key = [address_hash]
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", key)


def _rows(order: Order, at: datetime) -> list[_Row]:
    """Read what the address and the visitor hold, and what the visitor held until just now.

    An attempt without anything limited counts too, but only for HOLD_MINUTES: it stays open for a
    day, and abandoned ones would refuse everybody behind the address for as long.
    """
    is_new = Q(frozen_at__gt=at - timedelta(minutes=settings.HOLD_MINUTES))
    held = Q(state__in=HELD) & (is_new | Q(held_since__isnull=False))
    # Only the visitor's: an order that waits for no money has no address.
    just_ended = Q(state__in=[State.CART, State.CANCELLED], released_at__gt=at - PAUSE)
    of_either = Q(address_hash=order.address_hash) | Q(visitor=order.visitor)
    orders = Order.objects.filter(of_either, held | just_ended).order_by()
    fields = ("pk", "state", "address_hash", "visitor", "discount", "held_since", "released_at")
    return [
        _Row(*row) for row in orders.values_list(*fields, "lines__item", "lines__held_quantity")
    ]


def _check_attempts(order: Order, held: Sequence[_Row]) -> None:
    """Count the unpaid orders that this address has begun to pay lately, with this one."""
    open_orders = {
        row.order
        for row in held
        if row.state == State.CHECKOUT and row.address_hash == order.address_hash
    }
    limit = settings.OPEN_ATTEMPTS_PER_ADDRESS
    if limit and len(open_orders) > limit:
        raise HoldRefused(
            _(
                "Too many payments have been begun from your internet connection. Try again when"
                " some of them are finished, or later."
            )
        )


def _check_pieces(order: Order, lines: Sequence[OrderLine], held: Sequence[_Row]) -> None:
    by_address, by_visitor = Counter[int | None](), Counter[int | None]()
    for row in held:
        if row.address_hash == order.address_hash:
            by_address[row.item] += row.pieces or 0
        if row.visitor == order.visitor:
            by_visitor[row.item] += row.pieces or 0
    for line in lines:
        if line.held_quantity:
            pieces = max(by_address[line.item_id], by_visitor[line.item_id])
            _check_line(line, pieces)


def _check_line(line: OrderLine, pieces: int) -> None:
    """Refuse the line if its address or visitor holds too many `pieces` of its item with it."""
    limit = settings.HELD_PIECES_PER_ADDRESS
    if pieces <= limit:
        return
    of_item = OrderLine.objects.filter(item=line.item_id, order__state__in=HELD)
    held_by_all = of_item.aggregate(pieces=Sum("held_quantity"))["pieces"]
    free = (line.item.stock or 0) - line.held_quantity  # the stock was read before it was taken
    limit = max(limit, (free + held_by_all) * settings.HELD_SHARE_PER_ADDRESS // 100)
    if pieces > limit:
        raise TooManyHeld(line.name, limit, left=max(limit - pieces + line.held_quantity, 0))


def _check_code(order: Order, held: Sequence[_Row]) -> None:
    """One unpaid order at a time has the redemption of a limited code."""
    if order.discount is None or not order.discount.is_limited:
        return
    if any(row.discount == order.discount_id and row.order != order.pk for row in held):
        raise HoldRefused(
            _(
                "Code %(code)s is reserved for another unpaid order from your internet connection."
                " Remove the code, or try again later."
            )
            % {"code": order.discount_code}
        )


def _is_same(row: _Row, order: Order, lines: Sequence[OrderLine]) -> bool:
    """Whether it is about a hold by the visitor of a piece or code that the order holds now.

    A debit whose money is on its way doesn't count: its hold isn't renewed.
    """
    if row.visitor != order.visitor or row.state == State.PROCESSING:
        return False
    if order.discount and order.discount.is_limited and row.discount == order.discount_id:
        return True
    return row.item in [line.item_id for line in lines if line.held_quantity]


def _check_pause(order: Order, same: Sequence[_Row], at: datetime) -> None:
    """Store since when the visitor holds the same, and refuse it if that is too long."""
    since = min((row.held_since for row in same if row.held_since), default=at)
    longest = max(LONGEST_HOLD, timedelta(minutes=settings.HOLD_MINUTES))
    if at - since >= longest:
        minutes = math.ceil((_ended_at(order, same, at) + PAUSE - at).total_seconds() / 60)
        raise HoldRefused(
            ngettext(
                "This was reserved for you for a long time, and now other buyers get a chance. Try"
                " again in %(minutes)s minute.",
                "This was reserved for you for a long time, and now other buyers get a chance. Try"
                " again in %(minutes)s minutes.",
                minutes,
            )
            % {"minutes": minutes}
        )
    if order.held_since and since < order.held_since:
        order.held_since = since
        order.save(update_fields=["held_since", "updated_at"])


def _ended_at(order: Order, same: Sequence[_Row], at: datetime) -> datetime:
    """Return when the visitor's last hold of the same ended; `at` if it hasn't ended yet."""
    if any(row.state == State.CHECKOUT and row.order != order.pk for row in same):
        return at
    return max(row.released_at for row in same if row.released_at)
