"""Freezing an order takes its stock; ending the hold gives it back, once."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cart.models import HELD, Order, OrderLine, State
from store.models import Item


class SoldOut(Exception):
    """There are fewer pieces of an item than asked for."""


class AlreadyOpen(Exception):
    """The same visitor's earlier press of the same Buy button still waits for payment."""


@transaction.atomic
def freeze_item(*, item: Item, buy_key: str, at: datetime) -> Order:
    """A new frozen order of one piece of `item`, its stock taken.

    Raises SoldOut, and AlreadyOpen where an order with this `buy_key` is open.
    """
    amount = item.amount
    try:
        with transaction.atomic():
            order = Order.objects.create(
                state=State.CHECKOUT,
                currency=item.currency,
                total_amount=amount,
                buy_key=buy_key,
                frozen_at=at,
            )
    except IntegrityError:
        raise AlreadyOpen(buy_key) from None
    OrderLine.objects.create(order=order, item=item, name=item.name, unit_amount=amount)
    take_stock(order)
    return order


@transaction.atomic
def take_stock(order: Order) -> None:
    """Takes the stock of every line, or of none; in one order of items, against deadlocks.

    Raises SoldOut.
    """
    for line in order.lines.order_by("item_id"):
        if not Item.objects.take_stock(line.item_id, line.quantity):
            raise SoldOut(line.name)


@transaction.atomic
def cancel(order: Order, *, at: datetime) -> None:
    """Ends the hold of an order that was not paid: the stock goes back. Twice does nothing more."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state not in HELD:
        return
    order.step(State.CANCELLED, at=at)
    for line in order.lines.order_by("item_id"):
        Item.objects.give_back_stock(line.item_id, line.quantity)
