"""Invoices and credit notes. The law wants their numbers without a gap in each series.

In the European Union this is article 226 (2) of Directive 2006/112/EC: "a sequential number, based
on one or more series".

A number is given in the transaction that makes the order paid, or stores the refund as made, so a
rollback or a crash takes both back. A counter's row is locked from then to the end of the
transaction; nothing else may be locked after it.
"""

from datetime import datetime

from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cart.models import Order
from payments.models.refund import Refund
from store.models import Shop

FIRST_NUMBER = 1001


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("invoice")
    CREDIT_NOTE = "credit_note", _("credit note")


PREFIXES = {InvoiceKind.INVOICE: "INV", InvoiceKind.CREDIT_NOTE: "CN"}
SERIES = [*PREFIXES.values(), *(f"TEST-{prefix}" for prefix in PREFIXES.values())]


class InvoiceCounter(models.Model):
    """The last number of one series: of INV and CN, and of TEST-INV and TEST-CN in test mode."""

    series = models.CharField(max_length=10, unique=True)
    last_number = models.PositiveBigIntegerField(default=FIRST_NUMBER - 1)
    last_issued_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.series}-{self.last_number}"

    @classmethod
    def next(cls, series: str) -> tuple[str, datetime]:
        """Take the next number, like INV-1001, and its time, which is after that of the last one.

        The clocks of two machines may differ.
        """
        counter, _is_new = cls.objects.select_for_update().get_or_create(series=series)
        counter.last_number += 1
        counter.last_issued_at = max(timezone.now(), counter.last_issued_at)
        counter.save(update_fields=["last_number", "last_issued_at"])
        return str(counter), counter.last_issued_at


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def issue(self, order: Order, *, livemode: bool) -> None:
        """Issue the invoice of an order that has just been paid. A free order gets none."""
        if order.total_amount:
            self._issue(InvoiceKind.INVOICE, livemode, order=order, amount=order.total_amount)

    def credit(self, order: Order, refund: Refund, *, livemode: bool) -> None:
        """Issue the credit note of a refund that was made.

        The refund of a second payment of the order gets none: no invoice asked for that money.
        """
        of_order = self.filter(order=order)
        if not of_order.filter(kind=InvoiceKind.INVOICE).exists():
            return
        notes = of_order.filter(kind=InvoiceKind.CREDIT_NOTE, voided_at=None)
        credited = notes.aggregate(sum=Sum("amount"))["sum"] or 0
        amount = min(refund.amount, order.refunded_amount - credited)
        if amount > 0:
            self._issue(
                InvoiceKind.CREDIT_NOTE, livemode, order=order, refund=refund, amount=amount
            )

    def _issue(self, kind: InvoiceKind, livemode: bool, **values: object) -> None:
        shop = Shop.current()
        number, issued_at = InvoiceCounter.next(
            PREFIXES[kind] if livemode else f"TEST-{PREFIXES[kind]}"
        )
        self.create(
            kind=kind,
            seller_name=shop.name,
            seller_address=shop.postal_address,
            seller_tax_id=shop.tax_id,
            number=number,
            issued_at=issued_at,
            **values,
        )


class Invoice(models.Model):
    """The invoice of a paid order, or the credit note of one of its refunds.

    The order's own figures are frozen. The seller is copied, since the merchant may change it.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices")
    kind = models.CharField(_("kind"), max_length=12, choices=InvoiceKind)
    number = models.CharField(_("number"), max_length=30, unique=True)
    issued_at = models.DateTimeField(_("issued"))
    # In minor units of the order's currency.
    amount = models.BigIntegerField(_("amount"))
    refund = models.OneToOneField(
        Refund, models.PROTECT, null=True, blank=True, related_name="credit_note"
    )
    # The refund has failed later. The credit note keeps its number, but counts no more.
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)
    seller_name = models.CharField(max_length=80)
    seller_address = models.TextField(blank=True)
    seller_tax_id = models.CharField(max_length=40, blank=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [models.Index(fields=["issued_at", "id"], name="invoice_issued")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=str(InvoiceKind.INVOICE), refund=None)
                | Q(kind=str(InvoiceKind.CREDIT_NOTE), refund__isnull=False),
                name="invoice_refund_with_credit_note",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="invoice_amount_above_zero"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(kind=str(InvoiceKind.INVOICE)),
                name="invoice_one_per_order",
            ),
        ]

    def __str__(self) -> str:
        return self.number
