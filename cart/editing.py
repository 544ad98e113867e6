"""Change a cart. An order in checkout never changes: a copy of it becomes the cart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cart.copies import as_cart, held_by_originals, locked_open_order
from cart.freezing import MAX_LINES, TooManyLines
from cart.models import MAX_QUANTITY, Discount, Order, OrderLine, ShippingRate
from cart.quote import quote_order
from cart.shipping import ShippingRefused, rates_to, served_countries
from cart.visitor import ensure_visitor, lines_in_carts, store_new_session
from store.models import Item
from web.rate_limit import counted_transaction

MAX_SUBMISSIONS = 50  # that a cart remembers


class TooManyPieces(Exception):
    """The line may have at most `left` pieces, because of MAX_QUANTITY or the stock.

    `in_cart` are those that it has already.
    """

    def __init__(self, left: int, in_cart: int) -> None:
        super().__init__(left, in_cart)
        self.left = left
        self.in_cart = in_cart


class QuantityChanged(Exception):
    """The line has another `quantity` by now than the buyer's page showed; 0 if it is gone."""

    def __init__(self, quantity: int) -> None:
        super().__init__(quantity)
        self.quantity = quantity


@contextmanager
def cart_for(request: HttpRequest, currency: str, *, at: datetime) -> Iterator[Order]:
    """Lock the visitor's cart of one currency, in a transaction that ends with the block.

    An order in checkout is superseded by a copy. A change that is refused undoes that, so that the
    order and its session stay as they are. Only `add` takes the cart of a new visitor, which isn't
    stored yet: the other changes are of a line or a cart that is there. Raises TooManyRequests.
    """
    visitor = ensure_visitor(request)
    if request.session.session_key is not None:
        with counted_transaction(request):
            yield as_cart(locked_open_order(visitor, currency), at=at)
        return
    try:
        with counted_transaction(request):
            yield Order(visitor=visitor, currency=currency)
            store_new_session(request)
    except Exception:
        request.session.flush()  # after a rollback, its cookie would name no session
        raise


def add(order: Order, *, item: Item, quantity: int, submission_id: str) -> int:
    """Add `quantity` pieces, unless the cart counted `submission_id`.

    Returns the number of pieces in all carts of the visitor. Raises TooManyPieces, and TooManyLines
    for more lines than can be paid, which bounds the page of the cart too.
    """
    lines = list(lines_in_carts(order.visitor)) if order.pk else []
    in_carts = sum(line.quantity for line in lines)
    if not _is_new(order, submission_id):
        return in_carts
    of_order = {line.item_id: line for line in lines if line.order_id == order.pk}
    if own := of_order.get(item.pk):
        _store_quantity(order, own, item, own.quantity + quantity)
    elif len(of_order) >= MAX_LINES:
        raise TooManyLines
    else:
        _check_quantity(order, item, quantity, in_cart=0)
    _touch(order)
    if not own:
        order.lines.create(item=item, quantity=quantity, name=item.name, unit_amount=item.amount)
    return in_carts + quantity


def change_quantity(order: Order, *, item: Item, by: int, submission_id: str = "") -> None:
    """Change the line's quantity by `by`; at 0 the line is removed.

    A `submission_id` that the cart counted changes nothing. Raises TooManyPieces, and
    QuantityChanged if there is no such line any more.
    """
    if not _is_new(order, submission_id):
        return
    line = _line(order, item)
    if line is None:
        raise QuantityChanged(0)
    _store_quantity(order, line, item, line.quantity + by)
    _touch(order)


def set_quantity(
    order: Order, *, item: Item, quantity: int, was: int | None = None, submission_id: str = ""
) -> None:
    """Set the line's quantity; 0 removes the line.

    `was` is the quantity that the buyer's page showed, if it said so. A `submission_id` that the
    cart counted changes nothing. Raises TooManyPieces, and QuantityChanged if the line is gone, or
    if its quantity is neither `was` nor the one to set.
    """
    if not _is_new(order, submission_id):
        return
    line = _line(order, item)
    if line is None:
        raise QuantityChanged(0)
    if line.quantity not in (quantity, was) and was is not None:
        raise QuantityChanged(line.quantity)
    _store_quantity(order, line, item, quantity)
    _touch(order)


def _is_new(order: Order, submission_id: str) -> bool:
    """Whether the cart has not counted this submission yet. Count it; `_touch` stores that.

    The browser repeats a submission if its answer was lost. Another tab may have sent others since.
    """
    if submission_id in order.submission_ids:
        return False
    if submission_id:
        order.submission_ids = [*order.submission_ids, submission_id][-MAX_SUBMISSIONS:]
    return True


def _line(order: Order, item: Item) -> OrderLine | None:
    return OrderLine.objects.filter(order=order, item=item).first()


def _store_quantity(order: Order, line: OrderLine, item: Item, quantity: int) -> None:
    """Store the new quantity, or delete the line at 0. Raises TooManyPieces."""
    if quantity == 0:
        line.delete()
        return
    if quantity > line.quantity:  # fewer than before is always allowed
        _check_quantity(order, item, quantity, in_cart=line.quantity)
    line.quantity = quantity
    line.save(update_fields=["quantity"])


def apply_discount(order: Order, *, code: str, at: datetime) -> None:
    """Use the discount with this code. Raises DiscountRefused, and leaves the order as it is."""
    discount = Discount.objects.with_code(code)
    subtotal = quote_order(order, at=at).totals.subtotal
    holds_one = discount.pk in held_by_originals(order).discounts
    discount.check_usable(currency=order.currency, subtotal=subtotal, at=at, holds_one=holds_one)
    order.discount = discount
    order.save()


def remove_discount(order: Order) -> None:
    """Use no discount. Allowed where there is none."""
    order.discount = None
    order.save()


def choose_shipping(order: Order, *, country: str, rate_id: int | None, at: datetime) -> None:
    """Store the buyer's choice in a cart. A rate that goes elsewhere stands for the default one.

    Raises ShippingRefused.
    """
    rates = ShippingRate.objects.offered(order.currency)
    if country not in served_countries(rates):
        raise ShippingRefused(_("The shop doesn’t ship to this country. Choose another one."))
    if rate_id not in (None, *(rate.pk for rate in rates)):
        raise ShippingRefused(_("This way of shipping isn’t offered any more. Choose another one."))
    is_to_country = rate_id in [rate.pk for rate in rates_to(country, rates)]
    order.chosen_country = country
    order.chosen_rate = rate_id if is_to_country else None
    order.shipping_chosen_at = at
    order.save()


def _check_quantity(order: Order, item: Item, quantity: int, *, in_cart: int) -> None:
    """Raises TooManyPieces. A cart holds no stock, so Buy checks it again."""
    left = MAX_QUANTITY
    if item.stock is not None:
        left = min(item.stock + held_by_originals(order).pieces[item.pk], MAX_QUANTITY)
    if quantity > left:
        raise TooManyPieces(left, in_cart)


def _touch(order: Order) -> None:
    """Set `updated_at`, by which the clean-up finds idle carts, and store the submissions."""
    order.save(update_fields=["submission_ids", "updated_at"] if order.pk else None)
