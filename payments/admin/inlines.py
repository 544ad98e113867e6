"""The tables on an order's page in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import OrderAlert, OrderLine, OrderStep, OrderTax
from payments.models import Payment
from store.templatetags.money import money

DASHBOARD = "https://dashboard.stripe.com"


class ReadOnly(admin.TabularInline):
    """Rows that can't be changed."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LineInline(ReadOnly):
    model = OrderLine
    readonly_fields = fields = ("item", "name", "quantity", "shown_amount", "shown_subtotal")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        lines: QuerySet[OrderLine] = super().get_queryset(request)
        return lines.select_related("item", "order")

    @admin.display(description=_("unit amount"))
    def shown_amount(self, line: OrderLine) -> str:
        return money(line.unit_amount, line.order.currency)

    @admin.display(description=_("subtotal"))
    def shown_subtotal(self, line: OrderLine) -> str:
        return money(line.subtotal_amount, line.order.currency)


class TaxInline(ReadOnly):
    model = OrderTax
    readonly_fields = fields = ("name", "is_inclusive", "shown_amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderTax]:
        taxes: QuerySet[OrderTax] = super().get_queryset(request)
        return taxes.select_related("order")

    @admin.display(description=_("amount"))
    def shown_amount(self, tax: OrderTax) -> str:
        return money(tax.amount, tax.order.currency)


class PaymentInline(ReadOnly):
    model = Payment
    readonly_fields = fields = (
        "attempt",
        "kind",
        "state",
        "shown_amount",
        "shown_refunded",
        "refund",
        "at_stripe",
        "account",
        "livemode",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        payments: QuerySet[Payment] = super().get_queryset(request)
        return payments.select_related("order")

    @admin.display(description=_("refunded"))
    def shown_refunded(self, payment: Payment) -> str:
        return money(payment.refunded_amount, payment.currency)

    @admin.display(description=_("refund"))
    def refund(self, payment: Payment) -> str:
        if not payment.is_refundable:
            return "—"
        address = reverse("admin:payments_refund", args=[payment.order_id, payment.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Refund…"))

    @admin.display(description=_("amount"))
    def shown_amount(self, payment: Payment) -> str:
        return money(payment.amount, payment.currency)

    @admin.display(description=_("at Stripe"))
    def at_stripe(self, payment: Payment) -> str:
        if not payment.stripe_id:
            return "—"
        mode = "" if payment.livemode else "/test"
        address = f"{DASHBOARD}{mode}/search?query={payment.stripe_id}"
        return format_html('<a href="{}">{}</a>', address, payment.stripe_id)


class AlertInline(ReadOnly):
    model = OrderAlert
    readonly_fields = fields = ("raised_at", "message", "resolved_at", "resolved_by")


class HistoryInline(ReadOnly):
    model = OrderStep
    readonly_fields = fields = ("at", "from_state", "to_state", "kind", "reference", "detail")
