"""Freezing an order takes stock and a redemption; ending the hold gives both back, once."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cart.models import HELD, Discount, DiscountRefused, Order, OrderTax, Refusal, State
from cart.quote import Quote, quote
from store.models import Item

# Stripe takes at most this many lines in one session.
MAX_LINES = 100


class SoldOut(Exception):
    """There are fewer pieces of an item than asked for."""


class AlreadyOpen(Exception):
    """The order, or the same visitor's earlier press of the same Buy, waits for payment already."""


class EmptyOrder(Exception):
    """There is nothing in the order to pay."""


class TooManyLines(Exception):
    """The order has more lines than Stripe takes at once."""


class OrderChanged(Exception):
    """The buyer has not seen what the order costs now, or a line of it can't be bought."""


@transaction.atomic
def freeze_item(*, item: Item, buy_key: str, at: datetime) -> Order:
    """A new frozen order of one piece of `item`, with the taxes that apply.

    Raises SoldOut, and AlreadyOpen where an order with this `buy_key` is open.
    """
    order = Order.objects.create(currency=item.currency, buy_key=buy_key)
    order.lines.create(item=item, name=item.name, unit_amount=item.amount)
    return freeze(order=order, seen=None, at=at)


@transaction.atomic
def freeze(*, order: Order, seen: str | None, at: datetime) -> Order:
    """Copies prices, discount and taxes onto the order and takes stock and one redemption.

    `seen` is the fingerprint of the quote that the buyer saw. Raises AlreadyOpen, EmptyOrder,
    TooManyLines, OrderChanged, SoldOut, and DiscountRefused where the code is no longer good.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state != State.CART:
        raise AlreadyOpen(order.token)
    quoted = quote(order, at=at)
    _check(quoted, seen)
    _copy(quoted, at)
    try:
        with transaction.atomic():
            order.step(State.CHECKOUT, at=at, why="Buy was pressed")
    except IntegrityError:
        raise AlreadyOpen(order.buy_key) from None
    take(order)
    return order


def _check(quoted: Quote, seen: str | None) -> None:
    if not quoted.lines:
        raise EmptyOrder
    if len(quoted.lines) > MAX_LINES:
        raise TooManyLines
    if quoted.order.buy_key and quoted.has_problems:
        raise SoldOut(quoted.lines[0].line.name)
    if quoted.has_problems:
        raise OrderChanged
    was_seen = not quoted.has_changes if seen is None else seen == quoted.fingerprint
    if not was_seen and quoted.discount_refusal:
        raise DiscountRefused(quoted.discount_refusal)  # says more than that something has changed
    if not was_seen:
        raise OrderChanged


def _copy(quoted: Quote, at: datetime) -> None:
    order = quoted.order
    for each in quoted.lines:
        line, shown = each.line, (each.line.item.name, each.unit_amount)
        if (line.name, line.unit_amount) != shown:
            line.name, line.unit_amount = shown
            line.save(update_fields=["name", "unit_amount"])
    for each_tax in quoted.taxes:  # not read once more: staff may have changed them meanwhile
        order.taxes.create(
            display_name=each_tax.tax.display_name,
            percentage=each_tax.tax.percentage,
            is_inclusive=each_tax.is_inclusive,
            country=each_tax.tax.country,
            amount=each_tax.amount,
        )
    if quoted.discount_refusal:
        order.discount = None
    if order.discount:
        order.discount_code = order.discount.code
        order.discount_percent = order.discount.percent
    order.subtotal_amount = quoted.totals.subtotal
    order.discount_amount = quoted.totals.discount
    order.total_amount = quoted.totals.total
    order.frozen_at = at


@transaction.atomic
def take(order: Order) -> None:
    """Takes the stock of every line and one redemption, or nothing.

    Raises SoldOut, DiscountRefused.
    """
    take_pieces(order)
    take_redemption(order)


@transaction.atomic
def take_pieces(order: Order) -> None:
    """Takes the stock of every line, or nothing; in one order of items. Raises SoldOut."""
    # Without the key: a new line of another cart only looks whether its item exists.
    locked = Item.objects.select_for_update(no_key=True)
    items = locked.filter(order_lines__order=order).order_by("pk")
    stock = {item.pk: item.stock for item in items}
    for line in order.lines.order_by("item_id"):
        if stock[line.item_id] is None:
            continue  # it never runs out
        if not Item.objects.take_stock(line.item_id, line.quantity):
            raise SoldOut(line.name)
        line.held_quantity = line.quantity
        line.save(update_fields=["held_quantity"])


def take_redemption(order: Order) -> None:
    """Takes one redemption of the order's code. Raises DiscountRefused."""
    if order.discount_id and not Discount.objects.take_redemption(order.discount_id):
        raise DiscountRefused(Refusal.USED_UP)


@transaction.atomic
def put_back(order: Order) -> None:
    """The pieces of an order that staff took back can be sold again. Twice does nothing more."""
    for line in order.lines.filter(held_quantity__gt=0).order_by("item_id"):
        Item.objects.give_back_stock(line.item_id, line.held_quantity)
    order.lines.update(held_quantity=0)


@transaction.atomic
def release(order: Order, *, at: datetime, why: str) -> None:
    """Ends the hold of an order that was not paid: a cart is a cart again, another one cancelled.

    Stock and redemption go back. Twice does nothing more.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state not in HELD:
        return
    put_back(order)
    if order.discount_id:
        Discount.objects.give_back_redemption(order.discount_id)
    if order.becomes_a_cart_again:
        _thaw(order)
        order.step(State.CART, at=at, why=why)
    else:
        order.step(State.CANCELLED, at=at, why=why)


def _thaw(order: Order) -> None:
    OrderTax.objects.filter(order=order).delete()
    order.discount_code, order.discount_percent, order.frozen_at = "", None, None
    order.subtotal_amount = order.discount_amount = order.total_amount = 0
