"""Quote an order: what it costs now, line by line, and why it can't be bought."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart import pricing
from cart.copies import NOTHING_HELD, Held, held_by_originals
from cart.models import Discount, DiscountRefused, Order, OrderLine, OrderTax, State, Tax
from cart.pricing import Totals
from cart.shipping import QuotedShipping, frozen_shipping, offered_shipping, quoted_shipping
from store.money import MAXIMUM_AMOUNT, charge_step, maximum_amount
from store.templatetags.money import money


class TotalTooHigh(Exception):
    """Stripe doesn't take the order's total; `message` says so to buyers."""

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        highest = money(maximum_amount(currency), currency)
        self.message = gettext("An order can be at most %(highest)s. Please split it.") % {
            "highest": highest
        }


class Problem(TextChoices):
    """Why a line can't be bought."""

    GONE = "gone", _("This item isn’t for sale any more. Remove it to go on.")
    SOLD_OUT = "sold_out", _("This item is sold out. Remove it to go on.")
    TOO_FEW = "too_few", _("Only %(left)s left. Lower the quantity to go on.")
    CURRENCY = (
        "currency",
        _("This item is sold in another currency now. Remove it to go on."),
    )


@dataclass(frozen=True)
class QuotedLine:
    """A line at the current price, in minor units. `was_amount` is the price shown before."""

    line: OrderLine
    unit_amount: int
    was_amount: int | None = None
    problem: Problem | None = None
    left: int | None = None  # pieces that the buyer can have; None never runs out

    @property
    def key(self) -> str:
        """Names the line in the page of the cart, where two carts may have the same item."""
        return f"{self.line.order.currency}-{self.line.item_id}"

    @property
    def subtotal(self) -> int:
        return self.unit_amount * self.line.quantity

    @property
    def is_counted(self) -> bool:
        """Whether the totals contain it. A line with too few pieces left can be corrected."""
        return self.problem in (None, Problem.TOO_FEW)

    @property
    def message(self) -> str:
        """Why it can't be bought, with how many are left; "" if it can."""
        label = self.problem.label if self.problem else ""
        return str(label) % {"left": self.left}


@dataclass(frozen=True)
class QuotedTax:
    """A tax, as it was when the order was priced, and its amount in minor units."""

    tax: Tax | OrderTax
    amount: int

    @property
    def name(self) -> str:
        return str(self.tax)

    @property
    def is_inclusive(self) -> bool:
        return self.tax.is_inclusive


@dataclass(frozen=True)
class Quote:
    """One order as the buyer sees it. Amounts in minor units of the order's currency."""

    order: Order
    lines: list[QuotedLine]
    discount_code: str
    discount_problem: DiscountRefused | None
    taxes: list[QuotedTax]
    totals: Totals
    shipping: QuotedShipping | None  # None where nothing is sent, or the shop has no rates

    @property
    def needs_shipping(self) -> bool:
        """Whether one of the items that can be bought has to be sent."""
        return any(each.line.item.needs_shipping for each in self.lines if each.is_counted)

    @property
    def has_problems(self) -> bool:
        return any(each.problem for each in self.lines)

    @property
    def message(self) -> str:
        """Why the order can't be bought as it is; "" if it can."""
        if self.has_problems:
            return gettext("One of the items can’t be bought. Change or remove it, then pay.")
        is_too_high = self.totals.total > MAXIMUM_AMOUNT
        return TotalTooHigh(self.order.currency).message if is_too_high else ""

    @property
    def has_changes(self) -> bool:
        """Whether a price changed since the buyer saw it, or a choice can't be used now."""
        changed = any(each.was_amount is not None for each in self.lines)
        has_other_shipping = self.shipping is not None and self.shipping.change != ""
        return changed or has_other_shipping or self.discount_problem is not None

    @property
    def quantity(self) -> int:
        return sum(each.line.quantity for each in self.lines)

    @property
    def fingerprint(self) -> str:
        """A hash of what the buyer sees. Buy sends it back, so that a changed price is noticed."""
        lines = [(q.line.item_id, q.line.quantity, q.unit_amount, q.problem) for q in self.lines]
        totals = (self.totals.subtotal, self.totals.discount, self.totals.taxes, self.totals.total)
        shipping = self.shipping.shown if self.shipping else ()
        shown = (lines, self.discount_code, totals, shipping)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def quote_order(order: Order, *, at: datetime, lines: Iterable[OrderLine] | None = None) -> Quote:
    """Price a cart from the catalogue. An order in checkout returns what was frozen.

    The caller may have read the cart's `lines` with their items.
    """
    if order.state != State.CART:
        return _frozen(order)
    held = held_by_originals(order)
    if lines is None:
        # Sorted here, as in cart.visitor.
        lines = sorted(order.lines.select_related("item").order_by(), key=lambda line: line.pk)
    quoted = [_quoted_line(each, order.currency, held) for each in lines]
    return price_lines(order, quoted, at=at, held=held)


def price_lines(
    order: Order, lines: list[QuotedLine], *, at: datetime, held: Held = NOTHING_HELD
) -> Quote:
    """Quote `lines` with discount, shipping and taxes. Lines that can't be bought cost nothing."""
    counted = [each for each in lines if each.is_counted]
    priced = [pricing.Line(each.unit_amount, each.line.quantity) for each in counted]
    discount, problem = _usable_discount(order, sum(line.subtotal for line in priced), at, held)
    is_sent = any(each.line.item.needs_shipping for each in counted)
    offer = offered_shipping(order) if is_sent else None
    taxes = sorted(Tax.objects.applied(), key=lambda tax: tax.pk)
    totals = pricing.total(
        lines=priced,
        discount=discount.off if discount else None,
        taxes=[tax.rate for tax in taxes],
        charge_step=charge_step(order.currency),
        shipping=offer.rate.price if offer else None,
    )
    return Quote(
        order=order,
        lines=lines,
        discount_code=order.discount.code if order.discount else "",
        discount_problem=problem,
        taxes=[QuotedTax(*pair) for pair in zip(taxes, totals.taxes, strict=True)],
        totals=totals,
        shipping=quoted_shipping(offer, totals) if offer else None,
    )


def _quoted_line(line: OrderLine, currency: str, held: Held) -> QuotedLine:
    """Price one line of a cart in `currency` from its item, and find its problem."""
    item = line.item
    left = None if item.stock is None else item.stock + held.pieces[item.pk]
    problem = None
    if not item.is_listed:
        problem = Problem.GONE
    elif item.currency != currency:
        problem = Problem.CURRENCY
    elif left == 0:
        problem = Problem.SOLD_OUT
    elif left is not None and left < line.quantity:
        problem = Problem.TOO_FEW
    amount = line.unit_amount if item.currency != currency else item.amount
    was_amount = line.unit_amount if amount != line.unit_amount else None
    return QuotedLine(
        line=line, unit_amount=amount, was_amount=was_amount, problem=problem, left=left
    )


def _usable_discount(
    order: Order, subtotal: int, at: datetime, held: Held
) -> tuple[Discount | None, DiscountRefused | None]:
    """Return the discount to subtract, or why it can't be used. `subtotal` in minor units."""
    if order.discount is None:
        return None, None
    try:
        order.discount.check_usable(
            currency=order.currency,
            subtotal=subtotal,
            at=at,
            holds_one=order.discount.pk in held.discounts,
        )
    except DiscountRefused as refused:
        return None, refused
    return order.discount, None


def _frozen(order: Order) -> Quote:
    """Quote an order with the amounts that were copied at checkout."""
    lines = [
        QuotedLine(line=line, unit_amount=line.unit_amount)
        for line in order.lines.select_related("item")
    ]
    taxes = [QuotedTax(tax, tax.amount) for tax in order.taxes.all()]
    return Quote(
        order=order,
        lines=lines,
        discount_code=order.discount_code,
        discount_problem=None,
        taxes=taxes,
        totals=Totals(
            subtotal=order.subtotal_amount,
            discount=order.discount_amount,
            taxes=tuple(tax.amount for tax in taxes),
            total=order.total_amount,
            shipping=order.shipping_amount,
        ),
        shipping=frozen_shipping(order) if order.has_shipping else None,
    )
