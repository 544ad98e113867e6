"""Orders in the admin: read-only, with their payments and links to Stripe's dashboard."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import Order, State
from payments.admin.inlines import HistoryInline, LineInline, PaymentInline, TaxInline
from payments.admin.refunds import refund_payment
from payments.models import Payment, PaymentStep, Refund
from store.templatetags.money import money


class NeedsAttention(admin.SimpleListFilter):
    title = _("needs attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", gettext("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.exclude(needs_attention="") if self.value() == "yes" else queryset


class ByState(admin.SimpleListFilter):
    """Hides carts that nobody tried to pay, unless they are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*State.choices]

    def choices(self, changelist: Any) -> Iterator[Any]:
        without_carts, *states = super().choices(changelist)
        return iter([{**without_carts, "display": gettext("All but carts")}, *states])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() is not None:
            return queryset.filter(state=self.value())
        was_tried = Exists(Payment.objects.filter(order=OuterRef("pk")))
        return queryset.exclude(Q(state=State.CART, needs_attention="") & ~was_tried)


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = [
        *("number", "needs_attention", "state", "shown_total", "refunded"),
        *("created_at", "email"),
    ]
    list_filter = [NeedsAttention, ByState, "currency"]
    search_fields = ["token", "email", "payments__stripe_id", "payments__intent_id"]
    # Orders that need attention come first.
    ordering = [Case(When(needs_attention="", then=1), default=0), "-pk"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["mark_as_dealt_with"]
    inlines = [LineInline, TaxInline, PaymentInline, HistoryInline]
    fields = [
        *("token", "state", "needs_attention", "email", "currency"),
        *("shown_subtotal", "discount_code", "shown_discount", "shown_total", "shown_refunds"),
        *("created_at", "frozen_at", "superseded_at", "paid_at", "payment_history"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(refund_payment)
        address = path("<int:order_id>/refund/<int:payment_id>/", view, name="payments_refund")
        return [address, *super().get_urls()]

    def has_deal_with_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("cart.change_order")

    @admin.action(
        description=_("Mark as dealt with"),
        permissions=["deal_with"],
        location=[*admin.ActionLocation],
    )
    def mark_as_dealt_with(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        now, seen = timezone.now(), request.POST.get("seen")  # on the order's own page
        with transaction.atomic():
            waiting = list(orders.select_for_update().exclude(needs_attention=""))
            if seen and any(o.needs_attention.split() != seen.split() for o in waiting):
                messages.warning(request, gettext("There is something new to look at."))
                return
            for order in waiting:
                order.needs_attention = ""
                order.save(update_fields=["needs_attention"])
                order.note(f"dealt with by {request.user.get_username()}", at=now)
        if waiting:
            messages.success(request, gettext("Marked as dealt with."))

    @admin.display(description=_("order"))
    def number(self, order: Order) -> str:
        """The beginning of the order number; the buyer's receipt shows all of it."""
        return f"{order.token[:8]}…"

    @admin.display(description=_("refunded"))
    def refunded(self, order: Order) -> str:
        return money(order.refunded_amount, order.currency) if order.refunded_amount else "—"

    @admin.display(description=_("refunds"))
    def shown_refunds(self, order: Order) -> str:
        refunds = Refund.objects.filter(payment__order=order)
        rows = (
            (
                money(refund.amount, order.currency),
                refund.get_state_display(),
                refund.get_reason_display(),
                refund.requested_by or gettext("Stripe’s dashboard"),
                refund.stripe_id,
            )
            for refund in refunds
        )
        return format_html_join(mark_safe("<br>"), "{}: {}, {}, {} {}", rows) or "—"

    @admin.display(description=_("history of the payments"))
    def payment_history(self, order: Order) -> str:
        steps = PaymentStep.objects.filter(payment__order=order).select_related("payment")
        rows = (
            (
                date_format(timezone.localtime(step.at), "DATETIME_FORMAT"),
                step.payment.attempt,
                step.get_from_state_display(),
                step.get_to_state_display(),
                step.why,
            )
            for step in steps
        )
        return format_html_join(mark_safe("<br>"), "{}, {}: {} → {} ({})", rows) or "—"

    @admin.display(description=_("subtotal"))
    def shown_subtotal(self, order: Order) -> str:
        return money(order.subtotal_amount, order.currency)

    @admin.display(description=_("discount"))
    def shown_discount(self, order: Order) -> str:
        return money(order.discount_amount, order.currency)

    @admin.display(description=_("total"))
    def shown_total(self, order: Order) -> str:
        return money(order.total_amount, order.currency)
