"""The folded tables on an order's page in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import Order, OrderAlert, OrderStep
from payments.admin.refunds import may_refund
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.refunds.proposal import refundable
from store.templatetags.money import money

DASHBOARD = "https://dashboard.stripe.com"


def refund_address(payment: Payment) -> str:
    """The address of the page on which staff refund a payment."""
    return reverse("admin:payments_refund", args=[payment.order_id, payment.pk])


def refund_text(payment: Payment) -> str:
    """What the link to that page says; empty if there is nothing to give back."""
    if payment.state != PaymentState.SUCCEEDED:
        return ""
    left, order = refundable(payment), payment.order
    if left.has_money:
        return gettext("Refund…")
    is_order_over = order.refunded_amount >= order.total_amount
    return gettext("Return to stock…") if left.pieces and (is_order_over or left.dispute) else ""


def refund_links(order: Order) -> list[tuple[str, str]]:
    """The addresses of the refund pages of an order's payments, and what the links say.

    Where there are several, they end in the number of the attempt.
    """
    payments = order.payments.filter(state=PaymentState.SUCCEEDED).order_by("attempt")
    texts = {payment: text for payment in payments if (text := refund_text(payment))}
    if len(texts) > 1:
        texts = {payment: f"{text} ({payment.attempt})" for payment, text in texts.items()}
    return [(refund_address(payment), text) for payment, text in texts.items()]


def requested_amount(order: Order) -> int:
    """What an order's refunds that Stripe has not answered come to, in minor units."""
    requested = Refund.objects.filter(payment__order=order, state=RefundState.REQUESTED)
    return int(requested.aggregate(sum=Sum("amount", default=0))["sum"])


class ReadOnlyInline(admin.TabularInline):
    """Rows that can't be changed."""

    extra = 0
    can_delete = False
    classes = ("collapse",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PaymentInline(ReadOnlyInline):
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

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hide the links from staff without the right to refund."""
        return [name for name in self.fields if name != "refund" or may_refund(request)]

    @admin.display(description=_("refund"))
    def refund(self, payment: Payment) -> str:
        if not (text := refund_text(payment)):
            return "—"
        return format_html('<a href="{}">{}</a>', refund_address(payment), text)

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


class AlertInline(ReadOnlyInline):
    model = OrderAlert
    readonly_fields = fields = ("raised_at", "message", "resolved_at", "resolved_by")


class HistoryInline(ReadOnlyInline):
    model = OrderStep
    readonly_fields = fields = ("at", "from_state", "to_state", "kind", "reference", "detail")
