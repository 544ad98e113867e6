"""What packing slips, invoices and credit notes show. Amounts are in minor units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models import QuerySet

from cart.models import Order, OrderLine
from payments.models import REFUNDED_OR_REQUESTED, Invoice, InvoiceKind
from store.money import charge_step

# Rows that a page with many documents reads at once, whatever their number.
RELATED = (
    *("lines__item", "lines__refunds__refund", "taxes"),
    *("invoices__refund__lines__line", "invoices__order__taxes"),
)


def for_printing(orders: QuerySet[Order]) -> list["OrderDocuments"]:
    """Read orders with all that their documents show, in the given order."""
    found = orders.select_related("shipping_address").prefetch_related(*RELATED)
    return [OrderDocuments(order) for order in found]


@dataclass(frozen=True)
class TaxShare:
    """One tax of an invoice: of an order with several taxes, each is on the same net amount."""

    name: str
    is_inclusive: bool
    amount: int


@dataclass(frozen=True)
class PieceToSend:
    quantity: int
    name: str


@dataclass(frozen=True)
class OrderDocuments:
    """The documents of one order."""

    order: Order

    @property
    def language(self) -> str:
        """The language in which the buyer bought; the documents are written in it."""
        return self.order.language or settings.LANGUAGE_CODE

    @property
    def address(self) -> object:
        """The shipping address, or None."""
        return getattr(self.order, "shipping_address", None)

    @property
    def pieces(self) -> Iterator[PieceToSend]:
        """What has to be sent: not what was refunded, and no downloads."""
        for line in self.order.lines.all():
            left = line.quantity - _refunded(line)
            if left > 0 and line.item.needs_shipping:
                yield PieceToSend(left, line.name)

    @cached_property
    def invoices(self) -> Sequence["InvoiceDocument"]:
        """The invoice, then its credit notes."""
        return [InvoiceDocument(invoice) for invoice in self.order.invoices.all()]

    @property
    def invoice(self) -> Invoice | None:
        """None for an order that isn't paid, and for a free one."""
        return next((each.invoice for each in self.invoices if not each.is_credit_note), None)

    @property
    def credit_notes(self) -> list[Invoice]:
        """Those that count."""
        notes = (each.invoice for each in self.invoices if each.is_credit_note)
        return [note for note in notes if note.voided_at is None]


def _refunded(line: OrderLine) -> int:
    refunds = (each for each in line.refunds.all() if each.refund.state in REFUNDED_OR_REQUESTED)
    return sum(each.quantity for each in refunds)


@dataclass(frozen=True)
class InvoiceDocument:
    """An invoice or a credit note, with its shares of the order's taxes."""

    invoice: Invoice

    @property
    def is_credit_note(self) -> bool:
        return self.invoice.kind == InvoiceKind.CREDIT_NOTE

    @cached_property
    def taxes(self) -> list[TaxShare]:
        """Of a credit note, each tax in proportion; those of a full refund add up to the tax."""
        return [
            TaxShare(tax.name, tax.is_inclusive, self._share(tax.amount))
            for tax in self.invoice.order.taxes.all()
        ]

    @property
    def net_amount(self) -> int:
        """With all taxes, it is the amount of the document."""
        return self.invoice.amount - sum(tax.amount for tax in self.taxes)

    def _share(self, tax_amount: int) -> int:
        before = self.invoice.credited_before_amount
        after = before + self.invoice.amount
        return self._part(tax_amount, after) - self._part(tax_amount, before)

    def _part(self, tax_amount: int, amount: int) -> int:
        """The tax in `amount` of the order's total, rounded half up to the currency's charge step.

        The whole tax stays as it is: an inclusive one need not be a multiple of the step.
        """
        total, step = self.invoice.order.total_amount, charge_step(self.invoice.order.currency)
        if amount == total:
            return tax_amount
        return min(
            (2 * tax_amount * amount + total * step) // (2 * total * step) * step, tax_amount
        )
