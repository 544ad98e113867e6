"""Change a cart. An order in checkout never changes: a copy of it becomes the cart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from cart.copies import locked_open_order, supersede
from cart.models import MAX_QUANTITY, Discount, Order, OrderLine, State
from cart.quote import quote_order
from cart.visitor import ensure_visitor
from store.models import Item


class TooManyPieces(Exception):
    """The line may have at most `left` pieces, because of MAX_QUANTITY or the stock."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


@contextmanager
def cart_for(request: HttpRequest, currency: str, *, at: datetime) -> Iterator[Order]:
    """Lock the visitor's cart of one currency, in a transaction that ends with the block.

    An order in checkout is superseded by a copy first, in a separate transaction, so that its hold
    has ended before the change checks the stock.
    """
    visitor = ensure_visitor(request)
    while True:
        with transaction.atomic():
            order = locked_open_order(visitor, currency)
            if order.state == State.CART:
                yield order
                return
            supersede(order, at=at)


def add(order: Order, *, item: Item, quantity: int, submission_id: str) -> None:
    """Add `quantity` pieces, or none if `submission_id` is the last one. Raises TooManyPieces."""
    line = order.lines.select_related("item").filter(item=item).first()
    if line is None:
        _check_quantity(item, quantity)
        order.lines.create(
            item=item,
            quantity=quantity,
            name=item.name,
            unit_amount=item.amount,
            last_submission_id=submission_id,
        )
    elif not submission_id or line.last_submission_id != submission_id:
        _check_quantity(line.item, line.quantity + quantity)
        line.quantity += quantity
        line.last_submission_id = submission_id
        line.save(update_fields=["quantity", "last_submission_id"])
    _touch(order)


def set_quantity(order: Order, *, item: Item, quantity: int) -> None:
    """Set the line's quantity; 0 removes the line. Raises TooManyPieces."""
    line = OrderLine.objects.select_related("item").filter(order=order, item=item).first()
    if quantity == 0 or line is None:
        order.lines.filter(item=item).delete()
    else:
        if quantity > line.quantity:  # fewer than before is always allowed
            _check_quantity(line.item, quantity)
        line.quantity = quantity
        line.save(update_fields=["quantity"])
    _touch(order)


def apply_discount(order: Order, *, code: str, at: datetime) -> None:
    """Use the discount with this code. Raises DiscountRefused, and leaves the order as it is."""
    discount = Discount.objects.with_code(code)
    subtotal = quote_order(order, at=at).totals.subtotal
    discount.check_usable(currency=order.currency, subtotal=subtotal, at=at)
    order.discount = discount
    order.save()


def remove_discount(order: Order) -> None:
    """Use no discount. Allowed where there is none."""
    order.discount = None
    order.save()


def _check_quantity(item: Item, quantity: int) -> None:
    """Raises TooManyPieces. A cart holds no stock, so Buy checks it again."""
    left = MAX_QUANTITY if item.stock is None else min(item.stock, MAX_QUANTITY)
    if quantity > left:
        raise TooManyPieces(left)


def _touch(order: Order) -> None:
    """Set `updated_at`, by which the clean-up finds idle carts."""
    order.save(update_fields=["updated_at"])
