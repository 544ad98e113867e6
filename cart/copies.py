"""Copies of an order: an edit during checkout makes one, and what was paid leaves it again."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from cart.models import MAX_QUANTITY, Order, OrderLine, State
from cart.signals import order_superseded, order_superseded_in_transaction, send_both

# The buyer has paid an order in one of these states, or its money is on its way.
TAKEN = [State.PROCESSING, State.PAID]


def locked_open_order(visitor: str, currency: str) -> Order:
    """Return the visitor's open order of one currency with its row locked, or a new cart.

    Call it in a transaction. A constraint allows one such order, so a parallel request can't make
    a second one.
    """
    open_orders = Order.objects.open_for(visitor).filter(currency=currency).order_by()
    for _try in range(2):
        if orders := list(open_orders.select_for_update()):
            return orders[0]
        with suppress(IntegrityError), transaction.atomic():  # a parallel request may make it
            return Order.objects.create(visitor=visitor, currency=currency)
    return open_orders.select_for_update().get()


def as_cart(order: Order, *, at: datetime) -> Order:
    """Return a locked open order if it can be edited, or a copy of it if it is in checkout."""
    return supersede(order, at=at) if order.state == State.CHECKOUT else order


def supersede(order: Order, *, at: datetime) -> Order:
    """Copy an order in checkout to a new cart. Call it with the order's row locked."""
    order.superseded_at = at
    order.save(update_fields=["superseded_at", "updated_at"])
    copy = Order.objects.create(
        visitor=order.visitor,
        currency=order.currency,
        discount_id=order.discount_id,
        chosen_country=order.chosen_country,
        chosen_rate=order.chosen_rate,
        shipping_chosen_at=order.shipping_chosen_at,
        copied_from=order,
        changed_by_id=order.changed_by_id,
        held_since=order.held_since,
        released_at=at,
        submission_ids=order.submission_ids,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=copy,
            item_id=line.item_id,
            quantity=line.quantity,
            name=line.name,
            unit_amount=line.unit_amount,
        )
        for line in order.lines.all()
    )
    send_both(order_superseded_in_transaction, order_superseded, order=order)
    return copy


@dataclass(frozen=True)
class Held:
    """Pieces by item, and the discounts of which one redemption is held."""

    pieces: Counter[int]
    discounts: set[int]


NOTHING_HELD = Held(Counter(), set())


def held_by_originals(order: Order) -> Held:
    """What superseded orders still hold, because Stripe could not be asked to end their sessions.

    Buy ends them before it takes the stock for `order`.
    """
    if order.copied_from_id is None:
        return NOTHING_HELD
    originals = Order.objects.filter(
        visitor=order.visitor,
        currency=order.currency,
        state=State.CHECKOUT,
        superseded_at__isnull=False,
    )
    pieces: Counter[int] = Counter()
    for item_id, quantity in originals.values_list("lines__item", "lines__held_quantity"):
        pieces[item_id] += quantity or 0
    return Held(pieces, set(originals.exclude(discount=None).values_list("discount", flat=True)))


def merge_into_cart(order: Order, *, at: datetime) -> None:
    """Add the lines of a superseded or failed order to the visitor's cart. Buy checks the stock.

    The cart becomes a copy of the order, so that late money for the order takes them out again. If
    the cart was a copy of another order, `order` is stored as the copy between the two, so that
    late money for each takes its lines out. Call it with the order's row locked.
    """
    cart = as_cart(locked_open_order(order.visitor, order.currency), at=at)
    in_cart = {line.item_id: line for line in cart.lines.all()}
    for line in order.lines.all():
        if merged := in_cart.get(line.item_id):
            merged.quantity = min(merged.quantity + line.quantity, MAX_QUANTITY)
            merged.save(update_fields=["quantity"])
        else:
            cart.lines.create(
                item_id=line.item_id,
                quantity=line.quantity,
                name=line.name,
                unit_amount=line.unit_amount,
            )
    if cart.discount_id is None:
        cart.discount_id = order.discount_id
    if not cart.chosen_country:
        cart.chosen_country, cart.chosen_rate = order.chosen_country, order.chosen_rate
        cart.shipping_chosen_at = order.shipping_chosen_at
    if order.superseded_at is None:
        order.superseded_at = at
        order.copied_from_id = cart.copied_from_id or order.copied_from_id
        order.save(update_fields=["superseded_at", "copied_from", "updated_at"])
        cart.copied_from = order
    cart.changed_by = order
    cart.save()


def take_paid_lines_out(paid: Order, *, at: datetime) -> None:
    """Take the pieces of a superseded order that was paid out of the copy that is the cart.

    A copy in checkout is superseded first. A copy that was paid itself stays as it is: see
    `paid_with_same_items`. Call it with the row of `paid` locked.
    """
    copy = _locked_last_copy(paid)
    if copy.state not in (State.CART, State.CHECKOUT) or copy.pk == paid.pk:
        return
    cart = as_cart(copy, at=at)
    quantities = {line.item_id: line.quantity for line in paid.lines.all()}
    for line in cart.lines.filter(item__in=quantities):
        left = line.quantity - quantities[line.item_id]
        if left > 0:
            cart.lines.filter(pk=line.pk).update(quantity=left)
        else:
            line.delete()
    cart.changed_by = paid
    cart.save(update_fields=["changed_by", "updated_at"])


def _locked_last_copy(order: Order) -> Order:
    """Lock the copies one after the other: another request may just be making the next one."""
    while copy := order.copies.first():
        order = Order.objects.locked(copy.pk)
    return order


def paid_with_same_items(order: Order) -> Order | None:
    """Return an order that was paid too and has items of `order`, or None.

    It is a copy of `order`, or `order` is a copy of it that was frozen before that was paid.
    """
    related = [each for each in _copies(order) if each.state in TAKEN]
    related += [each for each in _originals(order) if _was_taken_later(each, order)]
    items = set(order.lines.values_list("item", flat=True))
    for each in related:
        if each.lines.filter(item__in=items).exists():
            return each
    return None


def _was_taken_later(original: Order, copy: Order) -> bool:
    """Whether `original` was paid after `copy` was frozen, with the same items in it.

    The keys tell which row was written first. Their times don't: each is that at which a request
    began. Both steps are taken with the row of `copy` locked. An order can be taken a second time:
    by the late money of a bank transfer that has ended.
    """
    if original.state not in TAKEN or copy.frozen_at is None:
        return False
    steps = original.history.filter(to_state__in=TAKEN).exclude(from_state__in=TAKEN)
    taken = steps.latest("pk")
    return taken.pk > copy.history.filter(to_state=State.CHECKOUT).latest("pk").pk


def _copies(order: Order) -> Iterator[Order]:
    """The copy that was made of `order`, the copy of that one, and so on."""
    copy = order.copies.first()
    while copy is not None:
        yield copy
        copy = copy.copies.first()


def _originals(order: Order) -> Iterator[Order]:
    """The order that `order` was copied from, the one that this was copied from, and so on."""
    original = order.copied_from
    while original is not None:
        yield original
        original = original.copied_from
