"""Hold stock and one redemption of the discount for an order, and return both, at most once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cart.copies import merge_into_cart
from cart.models import (
    HELD,
    Cause,
    Discount,
    DiscountProblem,
    DiscountRefused,
    Order,
    OrderLine,
    OrderTax,
    State,
)
from store.models import Item
from store.models.item import ItemQuerySet

HELD_ALREADY = _("This item is reserved for you already. Continue to pay for it, or stop paying.")


class SoldOut(Exception):
    """There are fewer pieces of an item than the order needs."""


def locked_items() -> ItemQuerySet:
    """The items with their rows locked until the transaction ends, in the order of their keys.

    The order is the same for all, so that two orders never deadlock. Inserting a line of another
    cart checks its foreign key, and needn't wait for this lock.
    """
    return Item.objects.select_for_update(no_key=True).order_by("pk")


def reserve_stock(line: OrderLine) -> None:
    """Lock the line's item and take its stock. Raises SoldOut.

    Set `held_quantity` and `item` without saving.
    """
    line.item = locked_items().get(pk=line.item_id)
    take_stock([line])


def take_stock(lines: Sequence[OrderLine]) -> None:
    """Take the stock of every line, and set `held_quantity` without saving. Raises SoldOut.

    Call it with the items' rows locked, in a transaction that is rolled back after SoldOut.
    """
    for line in lines:
        if line.item.stock is None:
            continue  # never runs out
        if not Item.objects.take_stock(line.item_id, line.quantity):
            raise SoldOut(line.name)
        line.held_quantity = line.quantity


def take_redemption(order: Order) -> None:
    """Take one redemption of the order's discount. Raises DiscountRefused."""
    if order.discount_id and not Discount.objects.take_redemption(order.discount_id):
        raise DiscountRefused(DiscountProblem.USED_UP)


@transaction.atomic
def restock(order: Order) -> None:
    """Return the order's pieces to the stock. A second call does nothing."""
    for line in order.lines.filter(held_quantity__gt=0).order_by("item_id"):
        Item.objects.return_stock(line.item_id, line.held_quantity)
    order.lines.update(held_quantity=0)


def restock_line(line: OrderLine, quantity: int) -> int:
    """Return at most `quantity` of the pieces that `line` has taken, and return their number.

    Call it with the order's row locked, and with a line that was read since.
    """
    restocked = min(quantity, line.held_quantity)
    if restocked:
        Item.objects.return_stock(line.item_id, restocked)
        line.held_quantity -= restocked
        line.save(update_fields=["held_quantity"])
    return restocked


def is_held_by(visitor: str, item_id: int) -> bool:
    """Whether this visitor holds pieces of the item for a payment that isn't finished."""
    held = OrderLine.objects.filter(item=item_id, held_quantity__gt=0, order__state=State.CHECKOUT)
    return bool(visitor) and held.filter(order__visitor=visitor).exists()


def release(order: Order, *, at: datetime, cause: Cause, is_payable: bool = False) -> None:
    """Return the stock and the redemption of an unpaid order; make it a cart again, or cancel it.

    If a delayed payment has failed, its lines go into the cart that the visitor has begun
    meanwhile. `is_payable`: its money can still come, so the order keeps its lines and amounts,
    and the cart gets copies. Call it with the order's row locked, in a transaction. A second call
    does nothing.
    """
    if order.state not in HELD:
        return
    ended_at = _end_of_hold(order, at)
    if order.buy_key or (order.superseded_at and order.state == State.CHECKOUT):
        order.step(State.CANCELLED, at=at, cause=cause, released_at=ended_at)
    elif is_payable or order.superseded_at or not _became_cart(order, at, cause, ended_at):
        merge_into_cart(order, at=at)
        order.step(State.CANCELLED, at=at, cause=cause, released_at=ended_at)
    # After the orders' rows are locked: Buy locks order, items and discount in this order too.
    restock(order)
    if order.discount_id:
        Discount.objects.return_redemption(order.discount_id)


def _end_of_hold(order: Order, at: datetime) -> datetime:
    """Return when the hold ended, or should have ended if nobody looked in time."""
    if order.state != State.CHECKOUT or order.frozen_at is None:
        return at
    return min(at, order.frozen_at + timedelta(minutes=settings.HOLD_MINUTES))


def _became_cart(order: Order, at: datetime, cause: Cause, ended_at: datetime) -> bool:
    """Make the order the visitor's cart again. False if the visitor has begun another cart."""
    try:
        with transaction.atomic():
            changes = _clear_frozen_copies(order) | {"released_at": ended_at}
            order.step(State.CART, at=at, cause=cause, **changes)
    except IntegrityError:
        return False
    return True


def _clear_frozen_copies(order: Order) -> dict[str, object]:
    """Delete the copied taxes; return the order's fields as they are in a cart."""
    OrderTax.objects.filter(order=order).delete()
    order.lines.update(discount_amount=0)
    amounts = ("subtotal", "discount", "total", "shipping", "shipping_discount")
    texts = (
        *("discount_code", "shipping_country"),
        *("shipping_rate_name", "shipping_delivery_time"),
    )
    fields: dict[str, object] = {f"{name}_amount": 0 for name in amounts}
    fields |= dict.fromkeys(texts, "")
    fields |= {"shipping_rate": None, "needs_shipping": False}
    return fields | {"discount_percent": None, "frozen_at": None}
