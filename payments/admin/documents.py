"""What packing slips, invoices and credit notes show. Amounts are in minor units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from cart.models import Order, OrderLine
from payments.admin.order_list import UNRESOLVED
from payments.admin.shipped import why_not_to_ship
from payments.models import REFUNDED_OR_REQUESTED, Invoice, InvoiceKind
from store.money import charge_step

# Each is one query, for any number of documents on a page.
RELATED = (
    *("lines__item", "lines__refunds__refund", "taxes"),
    *("invoices__refund__lines__line", "invoices__order__taxes"),
)


def for_printing(orders: QuerySet[Order]) -> list["OrderDocuments"]:
    """Read orders with all that their documents show, in the given order."""
    alerts = Prefetch("alerts", UNRESOLVED, to_attr="unresolved_alerts")
    found = orders.select_related("shipping_address").prefetch_related(*RELATED, alerts)
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
        """The language in which the buyer bought; invoices are written in it."""
        return self.order.language or settings.LANGUAGE_CODE

    @property
    def why_no_packing_slip(self) -> str:
        """Why nothing of the order is packed; "" if it has to be sent, or was sent."""
        return "" if self.order.shipped_at else why_not_to_ship(self.order)

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
        documents: list[InvoiceDocument] = []
        for invoice in self.order.invoices.all():
            earlier = [each for each in documents if each.credits_at(invoice.issued_at)]
            documents.append(InvoiceDocument(invoice, earlier))
        return documents

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
    """An invoice or a credit note, with its shares of the order's taxes.

    `earlier` are the credit notes that counted when this one was issued.
    """

    invoice: Invoice
    earlier: Sequence["InvoiceDocument"] = ()

    @property
    def is_credit_note(self) -> bool:
        return self.invoice.kind == InvoiceKind.CREDIT_NOTE

    def credits_at(self, time: datetime) -> bool:
        """Whether this is a credit note that wasn't void yet."""
        voided_at = self.invoice.voided_at
        return self.is_credit_note and (voided_at is None or voided_at > time)

    @cached_property
    def taxes(self) -> list[TaxShare]:
        """Of a credit note, each tax in proportion; those of a full refund add up to the tax."""
        return [
            TaxShare(tax.name, tax.is_inclusive, self._share(position, tax.amount))
            for position, tax in enumerate(self.invoice.order.taxes.all())
        ]

    @property
    def net_amount(self) -> int:
        """With all taxes, it is the amount of the document."""
        return self.invoice.amount - sum(tax.amount for tax in self.taxes)

    def _share(self, position: int, tax_amount: int) -> int:
        """The part of what earlier credit notes have left of a tax.

        It is rounded half up to the currency's charge step. The last part is all that is left: an
        inclusive tax need not be a multiple of the step.
        """
        order, amount = self.invoice.order, self.invoice.amount
        left = order.total_amount - sum(each.invoice.amount for each in self.earlier)
        left_of_tax = tax_amount - sum(each.taxes[position].amount for each in self.earlier)
        if amount >= left:
            return left_of_tax
        step = charge_step(order.currency)
        steps = (2 * left_of_tax * amount + left * step) // (2 * left * step)
        return min(steps, left_of_tax // step) * step
