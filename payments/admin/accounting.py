"""Invoices and credit notes of a period with their taxes, as a file for the accountant."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cart.models import Order, OrderTax
from payments.admin.documents import InvoiceDocument, for_printing
from payments.admin.printing import may_see_invoices
from payments.models import Invoice
from store.money import from_minor
from store.tables import MAX_XLSX_ROWS, Row, as_file

AT_ONCE = 500  # documents that are read at once
# Python and databases can't compute with the first and the last days of their calendars.
IN_USE = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")  # browsers take no other format


class PeriodForm(forms.Form):
    first = forms.DateField(label=_("First day"), widget=DayInput, validators=IN_USE)
    last = forms.DateField(label=_("Last day"), widget=DayInput, validators=IN_USE)
    file_format = forms.ChoiceField(
        label=_("File"), choices=[("csv", "CSV"), ("xlsx", "XLSX")], initial="csv"
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        if "first" not in values or "last" not in values:
            return values
        if values["last"] < values["first"]:
            raise ValidationError({"last": gettext("The last day is before the first one.")})
        self.documents = in_period(values["first"], values["last"])
        is_xlsx = values.get("file_format") == "xlsx"
        if is_xlsx and self.documents.order_by()[: MAX_XLSX_ROWS + 1].count() > MAX_XLSX_ROWS:
            text = gettext("XLSX files have at most %(count)d rows. Choose CSV.")
            raise ValidationError({"file_format": text % {"count": MAX_XLSX_ROWS}})
        return values


@require_safe
def export_documents(request: HttpRequest) -> HttpResponseBase:
    """The form for the period, or its file. Raises PermissionDenied."""
    if not may_see_invoices(request):
        raise PermissionDenied
    form = PeriodForm(request.GET) if request.GET else PeriodForm(initial=_last_month())
    if form.is_bound and form.is_valid():
        period = f"{form.cleaned_data['first']}-{form.cleaned_data['last']}"
        return as_file(rows(form.documents), period, form.cleaned_data["file_format"])
    context = {
        **admin.site.each_context(request),
        "title": gettext("Invoices for the accountant"),
        "form": form,
    }
    return render(request, "admin/cart/order/accounting.html", context)


def _last_month() -> dict[str, date]:
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    return {"first": last.replace(day=1), "last": last}


def in_period(first: date, last: date) -> QuerySet[Invoice]:
    """The documents issued on these days in the shop's time zone, the oldest first."""
    begin, end = (
        timezone.make_aware(datetime.combine(day, time.min))
        for day in (first, last + timedelta(days=1))
    )
    return Invoice.objects.filter(issued_at__gte=begin, issued_at__lt=end).order_by(
        "issued_at", "pk"
    )


def rows(invoices: QuerySet[Invoice]) -> Iterator[Row]:
    """The names of the columns, then the documents, with a column for each tax."""
    taxes = OrderTax.objects.filter(order__in=invoices.order_by().values("order"))
    kinds = taxes.order_by().values("display_name", "percentage").distinct()
    names = sorted({str(OrderTax(**each)) for each in kinds})
    yield [
        *("number", "kind", "issued", "order", "country", "currency", "net"),
        *(*names, "total", "void_since"),
    ]
    following = invoices
    while some := list(following[:AT_ONCE]):
        orders = for_printing(Order.objects.filter(pk__in={each.order_id for each in some}))
        documents = {each.invoice.pk: each for order in orders for each in order.invoices}
        yield from (_row(documents[each.pk], names) for each in some)
        last = some[-1]
        at_that_time = Q(issued_at=last.issued_at, pk__gt=last.pk)
        following = invoices.filter(
            Q(issued_at__gt=last.issued_at) | at_that_time, issued_at__gte=last.issued_at
        )


def _row(document: InvoiceDocument, names: list[str]) -> Row:
    """Amounts are in units of the currency: negative on a credit note, 0 on a void one."""
    invoice, order = document.invoice, document.invoice.order
    sign = 0 if invoice.voided_at else -1 if document.is_credit_note else 1
    total = sign * from_minor(invoice.amount, order.currency)
    taxes = dict.fromkeys(names, 0 * total)
    for tax in document.taxes:
        taxes[tax.name] += sign * from_minor(tax.amount, order.currency)
    return [
        *(invoice.number, invoice.kind, timezone.localdate(invoice.issued_at), order.number),
        *(order.shipping_country, order.currency, total - sum(taxes.values())),
        *(*taxes.values(), total),
        timezone.localdate(invoice.voided_at) if invoice.voided_at else None,
    ]
