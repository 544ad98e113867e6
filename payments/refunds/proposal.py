"""What can still be refunded of a payment, and the amount proposed for pieces of its order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from django.db.models import Prefetch, Sum

from cart.models import LineTax, Order, OrderLine, State
from payments.models import REFUNDED_OR_REQUESTED, Dispute, Payment, RefundLine
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

    @property
    def has_money(self) -> bool:
        """Whether an amount can be refunded. The bank has the money of a disputed payment."""
        return self.left_amount > 0 and self.dispute is None

    @property
    def pieces(self) -> dict[int, int]:
        """All pieces that were not refunded, by the primary key of their line."""
        return {each.line.pk: each.left_quantity for each in self.lines if each.left_quantity}

    def proposal(self, pieces: Mapping[int, int]) -> int:
        """The amount that is proposed for these pieces: at most what is left."""
        proposals = (each.proposal(pieces.get(each.line.pk, 0)) for each in self.lines)
        return min(sum(proposals), self.left_amount)


def refundable(payment: Payment) -> Refundable:
    """Find out what can be refunded of `payment`."""
    dispute = payment.disputes.exclude(status__in=(*WON, *INQUIRY)).first()
    return Refundable(left_to_refund(payment), refundable_lines(payment.order), dispute)


def left_to_refund(payment: Payment) -> int:
    """How many minor units of the payment can still be refunded."""
    if not payment.is_refundable:
        return 0
    refunded = payment.refunds.filter(state__in=REFUNDED_OR_REQUESTED).aggregate(sum=Sum("amount"))
    return payment.amount - (refunded["sum"] or 0)


def refundable_lines(order: Order) -> list[RefundableLine]:
    """The lines of a paid order. An order that isn't paid has no pieces to give back."""
    if order.state != State.PAID:
        return []
    added = LineTax.objects.filter(tax__is_inclusive=False)
    lines = list(order.lines.prefetch_related(Prefetch("taxes", added, to_attr="added_taxes")))
    of_order = RefundLine.objects.filter(
        line__order=order, refund__state__in=REFUNDED_OR_REQUESTED
    ).order_by()
    sums = of_order.values_list("line").annotate(Sum("quantity"), Sum("proposed_amount"))
    refunded = {line: (quantity, amount) for line, quantity, amount in sums}
    step = charge_step(order.currency)
    amounts = spread_total(order.total_amount, [_amount(line) for line in lines], step)
    return [
        RefundableLine(line, amount, step, *refunded.get(line.pk, (0, 0)))
        for line, amount in zip(lines, amounts, strict=True)
    ]


def spread_total(total: int, parts: Sequence[int], step: int) -> Iterator[int]:
    """Spread `total` in proportion to `parts`. Where it is their sum, these are the parts.

    It isn't where an order was paid when it was a cart again, because nothing is frozen there.
    """
    whole = max(sum(parts), 1)
    ends = (total * end // whole // step * step for end in accumulate(parts, initial=0))
    return (end - start for start, end in pairwise(ends))


def _amount(line: OrderLine) -> int:
    """What the buyer owed for a line, in minor units."""
    taxes: Sequence[LineTax] = line.added_taxes  # type: ignore[attr-defined]  # see the Prefetch
    return line.subtotal_amount - line.discount_amount + sum(tax.amount for tax in taxes)
