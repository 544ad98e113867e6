"""Changes of a cart. An order in checkout is never changed: a copy of it becomes the cart."""

from datetime import datetime

from django.db import transaction

from cart.models import Discount, Order, OrderLine, State
from cart.quote import quote
from cart.signals import order_superseded
from store.models import Item

MAX_QUANTITY = 999


class TooMany(Exception):
    """More pieces than a line may have, or than there are: `left` of them can be had."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def editable(order: Order, *, at: datetime) -> Order:
    """The order itself where it is a cart; else a new cart with the same lines.

    To be called with the order's row locked.
    """
    if order.state == State.CART:
        return order
    copy = Order.objects.create(currency=order.currency, discount=order.discount)
    for line in order.lines.all():
        copy.lines.create(
            item_id=line.item_id,
            quantity=line.quantity,
            name=line.name,
            unit_amount=line.unit_amount,
        )
    order.superseded_at = at
    order.save()
    transaction.on_commit(lambda: order_superseded.send(sender=Order, order=order))
    return copy


def add(order: Order, *, item: Item, quantity: int, press: str) -> None:
    """Adds `quantity` pieces; the same `press` again adds nothing. Raises TooMany."""
    line = order.lines.select_related("item").filter(item=item).first()
    if line is None:
        _check_quantity(item, quantity)
        order.lines.create(
            item=item,
            quantity=quantity,
            name=item.name,
            unit_amount=item.amount,
            last_press=press,
        )
    elif not press or line.last_press != press:
        _check_quantity(line.item, line.quantity + quantity)
        line.quantity, line.last_press = line.quantity + quantity, press
        line.save(update_fields=["quantity", "last_press"])
    _touch(order)


def set_quantity(order: Order, *, item: Item, quantity: int) -> None:
    """`quantity` pieces from now on; 0 takes the line out. Raises TooMany."""
    line = OrderLine.objects.select_related("item").filter(order=order, item=item).first()
    if quantity == 0 or line is None:
        order.lines.filter(item=item).delete()
    else:
        if quantity > line.quantity:  # fewer than before is always an improvement
            _check_quantity(line.item, quantity)
        line.quantity = quantity
        line.save(update_fields=["quantity"])
    _touch(order)


def apply_discount(order: Order, *, code: str, at: datetime) -> None:
    """Asks for the discount with this code. Raises DiscountRefused."""
    discount = Discount.objects.with_code(code)
    subtotal = quote(order, at=at).totals.subtotal
    discount.check_usable(currency=order.currency, subtotal=subtotal, at=at)
    order.discount = discount
    order.save()


def remove_discount(order: Order) -> None:
    order.discount = None
    order.save()


def _check_quantity(item: Item, quantity: int) -> None:
    left = MAX_QUANTITY if item.stock is None else min(item.stock, MAX_QUANTITY)
    if quantity > left:
        raise TooMany(left)


def _touch(order: Order) -> None:
    """A changed line is a change of the order: an idle cart is one that nobody touched."""
    order.save(update_fields=["updated_at"])
