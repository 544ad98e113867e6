"""What can still be refunded of a payment, and the amount proposed for pieces of its order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from django.db.models import Prefetch, Sum

from cart.models import LineTax, Order, OrderLine, State
from payments.models import REFUNDED_OR_REQUESTED, Dispute, Payment, Refund, RefundLine
from payments.stripe_api.disputes import INQUIRY, WON
from store.money import charge_step


@dataclass(frozen=True)
class RefundableLine:
    """One line of a paid order. Amounts are in minor units."""

    line: OrderLine
    paid_amount: int  # for all its pieces, after its shares of discount and taxes
    charge_step: int
    refunded_quantity: int = 0
    refunded_amount: int = 0  # what was proposed for these pieces

    @property
    def left_quantity(self) -> int:
        """How many pieces were not refunded."""
        return max(self.line.quantity - self.refunded_quantity, 0)

    @property
    def next_amount(self) -> int:
        """The amount that is proposed for one more piece."""
        return self.proposal(1)

    def proposal(self, quantity: int) -> int:
        """The amount that is proposed for `quantity` more pieces.

        The share of all refunded pieces is rounded down, so the last pieces get the remainder.
        """
        refunded_quantity = self.refunded_quantity + quantity
        share = self.paid_amount * refunded_quantity // self.line.quantity
        return max(share // self.charge_step * self.charge_step - self.refunded_amount, 0)


@dataclass(frozen=True)
class Refundable:
    """What can still be refunded of a payment."""

    left_amount: int  # minor units
    lines: Sequence[RefundableLine]
    dispute: Dispute | None  # one that has taken the money
    shipping_amount: int = 0  # what is proposed for shipping; 0 if it was refunded

    @property
    def has_money(self) -> bool:
        """Whether an amount can be refunded. The bank has the money of a disputed payment."""
        return self.left_amount > 0 and self.dispute is None

    @property
    def pieces(self) -> dict[int, int]:
        """All pieces that were not refunded, by the primary key of their line."""
        return {each.line.pk: each.left_quantity for each in self.lines if each.left_quantity}

    @property
    def has_choices(self) -> bool:
        """Whether there is something to choose: pieces, or shipping."""
        return bool(self.pieces or self.shipping_amount)

    def proposal(self, pieces: Mapping[int, int], *, shipping: bool = False) -> int:
        """The amount that is proposed for these pieces, and for shipping: at most what is left."""
        proposals = sum(each.proposal(pieces.get(each.line.pk, 0)) for each in self.lines)
        return min(proposals + (self.shipping_amount if shipping else 0), self.left_amount)


def refundable(payment: Payment) -> Refundable:
    """Find out what can be refunded of `payment`."""
    dispute = payment.disputes.exclude(status__in=(*WON, *INQUIRY)).first()
    left_amount = left_to_refund(payment)
    paid_for_shipping, lines = _parts_of(payment.order)
    is_left = left_amount and dispute is None and not _is_shipping_refunded(payment.order)
    return Refundable(left_amount, lines, dispute, paid_for_shipping if is_left else 0)


def left_to_refund(payment: Payment) -> int:
    """How many minor units of the payment can still be refunded."""
    if not payment.is_refundable:
        return 0
    refunded = payment.refunds.filter(state__in=REFUNDED_OR_REQUESTED).aggregate(sum=Sum("amount"))
    return payment.amount - (refunded["sum"] or 0)


def _parts_of(order: Order) -> tuple[int, list[RefundableLine]]:
    """What was paid for the shipping of a paid order, and its lines.

    An order that isn't paid has nothing to give back.
    """
    if order.state != State.PAID:
        return 0, []
    added = LineTax.objects.filter(tax__is_inclusive=False)
    lines = list(order.lines.prefetch_related(Prefetch("taxes", added, to_attr="added_taxes")))
    of_order = RefundLine.objects.filter(
        line__order=order, refund__state__in=REFUNDED_OR_REQUESTED
    ).order_by()
    sums = of_order.values_list("line").annotate(Sum("quantity"), Sum("proposed_amount"))
    refunded = {line: (quantity, amount) for line, quantity, amount in sums}
    step = charge_step(order.currency)
    # Shipping comes off first: what is left of the total was paid for the lines.
    shipping = min(_paid_for_shipping(order), order.total_amount)
    total = order.total_amount - shipping
    amounts = spread_total(total, [_amount(line) for line in lines], step)
    return shipping, [
        RefundableLine(line, amount, step, *refunded.get(line.pk, (0, 0)))
        for line, amount in zip(lines, amounts, strict=True)
    ]


def _paid_for_shipping(order: Order) -> int:
    """What the buyer paid for shipping, after its shares of discount and taxes. In minor units."""
    if not order.shipping_amount:
        return 0
    added = order.taxes.filter(is_inclusive=False).aggregate(sum=Sum("shipping_amount"))["sum"]
    return order.shipping_amount - order.shipping_discount_amount + (added or 0)


def _is_shipping_refunded(order: Order) -> bool:
    refunds = Refund.objects.filter(payment__order=order, state__in=REFUNDED_OR_REQUESTED)
    return refunds.filter(shipping_amount__gt=0).exists()


def spread_total(total: int, parts: Sequence[int], step: int) -> Iterator[int]:
    """Spread `total` in proportion to `parts`, in minor units: each share is a multiple of `step`.

    Where `total` is the sum of the parts, the shares are the parts. It isn't where an order was
    paid when it was a cart again, because nothing is frozen there.
    """
    whole = max(sum(parts), 1)
    ends = (total * end // whole // step * step for end in accumulate(parts, initial=0))
    return (end - start for start, end in pairwise(ends))


def _amount(line: OrderLine) -> int:
    """What the buyer owed for a line, in minor units."""
    taxes: Sequence[LineTax] = line.added_taxes  # type: ignore[attr-defined]  # see the Prefetch
    return line.subtotal_amount - line.discount_amount + sum(tax.amount for tax in taxes)
