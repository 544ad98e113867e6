"""Freeze an order at checkout: copy what the buyer saw, and hold stock and discount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cart.frozen_copies import copied_fields, copy_taxes
from cart.held_limits import check_limits
from cart.holds import take_redemption, take_stock
from cart.models import (
    Cause,
    HistoryKind,
    LineTax,
    Order,
    OrderLine,
    OrderTax,
    State,
)
from cart.pricing import spread
from cart.quote import Quote, TotalTooHigh, quote_order
from store.money import MAXIMUM_AMOUNT, charge_step

# https://docs.stripe.com/api/checkout/sessions/create: "a maximum of 100 line items"
MAX_LINES = 100
COPIED_TO_LINES = ("name", "unit_amount", "discount_amount", "held_quantity")


class AlreadyOpen(Exception):
    """The order is no cart any more, or another one with the same `buy_key` is in checkout."""


class EmptyOrder(Exception):
    """The order has no lines."""


class TooManyLines(Exception):
    """The order has more lines than one session takes (MAX_LINES); `message` says so to buyers."""

    message = _("An order can have at most 100 different items. Please split it.")


class OrderChanged(Exception):
    """The buyer has not seen what the order costs now, or one of its lines can't be bought."""


@dataclass(frozen=True)
class FrozenOrder:
    """A frozen order with its lines and taxes, so that the caller needn't query them again."""

    order: Order
    lines: list[OrderLine]
    taxes: list[OrderTax]

    @classmethod
    def read(cls, order: Order) -> "FrozenOrder":
        """Query the lines and taxes of an order that was frozen earlier."""
        lines = order.lines.select_related("item")
        return cls(order, list(lines), list(order.taxes.all()))

    def take_figures(self, *, discount: int, taxes: Sequence[int], total: int) -> None:
        """Store Stripe's figures where they differ from ours by rounding. In minor units."""
        order = self.order
        if discount != order.discount_amount:
            self._take_discount(discount)
        for tax, amount in zip(self.taxes, taxes, strict=True):
            if tax.amount != amount:
                self._take_tax(tax, amount)
        if (discount, total) != (order.discount_amount, order.total_amount):
            order.discount_amount, order.total_amount = discount, total
            fields = ["discount_amount", "shipping_discount_amount", "total_amount", "updated_at"]
            order.save(update_fields=fields)

    def _take_discount(self, amount: int) -> None:
        """Spread the discount over the lines and shipping. In minor units."""
        order = self.order
        parts = [*(line.subtotal_amount for line in self.lines), order.shipping_amount]
        *shares, order.shipping_discount_amount = spread(amount, parts, charge_step(order.currency))
        for line, share in zip(self.lines, shares, strict=True):
            line.discount_amount = share
        OrderLine.objects.bulk_update(self.lines, ["discount_amount"])

    def _take_tax(self, tax: OrderTax, amount: int) -> None:
        """Store the tax and spread it over the lines and shipping. In minor units."""
        order = self.order
        parts = [line.subtotal_amount - line.discount_amount for line in self.lines]
        parts.append(order.shipping_amount - order.shipping_discount_amount)
        *shares, tax.shipping_amount = spread(amount, parts, charge_step(order.currency))
        tax.amount = amount
        tax.save(update_fields=["amount", "shipping_amount"])
        for line, share in zip(self.lines, shares, strict=True):
            LineTax.objects.filter(line=line, tax=tax).update(amount=share)

    @property
    def holds_something_limited(self) -> bool:
        """Whether it holds something that others can run out of: stock, or a limited discount."""
        discount = self.order.discount
        has_limited_code = discount is not None and discount.is_limited
        return has_limited_code or any(line.held_quantity for line in self.lines)

    @property
    def retry_path(self) -> str:
        """The page where the buyer can try again: the item for a one-click order, else the cart."""
        if self.order.buy_key:
            return reverse("store:item-detail", args=[self.lines[0].item_id])
        return reverse("cart:order-detail")


@transaction.atomic
def freeze_item(quote: Quote, *, address_hash: str, buy_key: str, at: datetime) -> FrozenOrder:
    """Make a frozen order of the quote of one piece of an item, whose row is locked.

    Raises SoldOut, HoldRefused, TotalTooHigh, and AlreadyOpen where an order with this `buy_key` is
    open.
    """
    quote.order.buy_key = buy_key
    return _freeze(quote, address_hash, at)


@transaction.atomic
def freeze_order(
    order: Order, *, shown_fingerprint: str | None, address_hash: str, at: datetime
) -> FrozenOrder:
    """Copy prices, discount, shipping and taxes onto a locked order, and hold stock and discount.

    `shown_fingerprint` is that of the quote on the buyer's page. If it is None, each line must cost
    what it did when the buyer added it. Raises AlreadyOpen, EmptyOrder, TooManyLines, OrderChanged,
    TotalTooHigh, SoldOut, HoldRefused, and DiscountRefused if the discount can't be used any more.
    """
    if order.state != State.CART:
        raise AlreadyOpen(order)
    quote = quote_order(order, at=at, lines=_locked_lines(order))
    _check(quote, shown_fingerprint)
    return _freeze(quote, address_hash, at)


def _locked_lines(order: Order) -> list[OrderLine]:
    """The lines of a locked order with their items, whose rows are locked as in `locked_items`."""
    lines = order.lines.select_related("item").order_by("item_id")
    locked = lines.select_for_update(of=("item",), no_key=True)
    return sorted(locked, key=lambda line: line.pk)


def _check(quote: Quote, shown_fingerprint: str | None) -> None:
    """Raise the exceptions of `freeze_order` that are about the quote."""
    if not quote.lines:
        raise EmptyOrder
    # In some currencies each exclusive tax is a line item too (payments/methods/tax_lines.py).
    has_tax_lines = charge_step(quote.order.currency) > 1
    taxes = [tax for tax in quote.taxes if has_tax_lines and not tax.is_inclusive]
    if len(quote.lines) + bool(quote.shipping) + len(taxes) > MAX_LINES:
        raise TooManyLines
    if quote.has_problems:
        raise OrderChanged
    if shown_fingerprint is None:
        was_shown = not quote.has_changes
    else:
        was_shown = shown_fingerprint == quote.fingerprint
    if not was_shown and quote.discount_problem:
        raise quote.discount_problem  # more precise than OrderChanged
    if not was_shown:
        raise OrderChanged


def _freeze(quote: Quote, address_hash: str, at: datetime) -> FrozenOrder:
    """Copy the quote onto its order and hold stock and discount.

    Call it in a transaction that is rolled back after an error. Raises TotalTooHigh, AlreadyOpen,
    SoldOut, DiscountRefused and HoldRefused.
    """
    order = quote.order
    if quote.totals.total > MAXIMUM_AMOUNT:
        raise TotalTooHigh(order.currency)
    if quote.discount_problem:
        order.discount = None
    changes = copied_fields(quote, at) | {"address_hash": address_hash}
    try:
        order.step(State.CHECKOUT, at=at, cause=Cause(HistoryKind.BUY), **changes)
    except IntegrityError:
        raise AlreadyOpen(order.buy_key) from None
    lines = _copy_lines(quote)
    taxes = copy_taxes(quote)
    take_redemption(order)
    check_limits(order, lines, at=at)
    return FrozenOrder(order, lines, taxes)


def _copy_lines(quote: Quote) -> list[OrderLine]:
    """Hold the stock of every line, and copy name, price and share of the discount onto it."""
    lines = [quoted.line for quoted in quote.lines]
    before = [_copied_values(line) for line in lines]
    for quoted, share in zip(quote.lines, quote.totals.shares, strict=True):
        line = quoted.line
        line.name, line.unit_amount = line.item.name, quoted.unit_amount
        line.discount_amount = share.discount
    take_stock(lines)
    if lines[0].pk is None:
        return OrderLine.objects.bulk_create(lines)
    after = [_copied_values(line) for line in lines]
    changed = [
        name
        for name in COPIED_TO_LINES
        if [values[name] for values in before] != [values[name] for values in after]
    ]
    if changed:
        OrderLine.objects.bulk_update(lines, changed)
    return lines


def _copied_values(line: OrderLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in COPIED_TO_LINES}
