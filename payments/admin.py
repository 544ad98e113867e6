"""Orders as staff see them: to read and to search, with their payments and the way to Stripe."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cart.models import Order, OrderLine, OrderTax
from payments.models import Payment
from store.templatetags.money import money

DASHBOARD = "https://dashboard.stripe.com"


class ReadOnly(admin.TabularInline):
    """Rows that tell what happened; nobody edits the past."""

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
    readonly_fields = fields = ("display_name", "percentage", "is_inclusive", "shown_amount")

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
        "account",
        "livemode",
        "at_stripe",
    )

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


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["token", "state", "shown_total", "email", "needs_attention", "created_at"]
    list_filter = ["state", "currency"]
    search_fields = ["token", "email", "payments__stripe_id"]
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [LineInline, TaxInline, PaymentInline]
    fields = [
        *("token", "state", "needs_attention", "email", "currency"),
        *("shown_subtotal", "discount_code", "shown_discount", "shown_total"),
        *("created_at", "frozen_at", "superseded_at", "paid_at"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("subtotal"))
    def shown_subtotal(self, order: Order) -> str:
        return money(order.subtotal_amount, order.currency)

    @admin.display(description=_("discount"))
    def shown_discount(self, order: Order) -> str:
        return money(order.discount_amount, order.currency)

    @admin.display(description=_("total"))
    def shown_total(self, order: Order) -> str:
        return money(order.total_amount, order.currency)
