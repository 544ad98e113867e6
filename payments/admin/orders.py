"""Orders in the admin: read-only, with their payments and links to Stripe's dashboard."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import Order, OrderAlert, State
from payments.admin.inlines import (
    AlertInline,
    HistoryInline,
    LineInline,
    PaymentInline,
    TaxInline,
    refund_links,
)
from payments.admin.refunds import may_refund, refund_payment
from payments.alerts import NewAlerts, resolve_alerts
from payments.models import Payment, PaymentStep, Refund
from store.templatetags.money import money

UNRESOLVED = OrderAlert.objects.filter(resolved_at=None)
NEEDS_ATTENTION = Exists(UNRESOLVED.filter(order=OuterRef("pk")))


class NeedsAttention(admin.SimpleListFilter):
    title = _("needs attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", gettext("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(NEEDS_ATTENTION) if self.value() == "yes" else queryset


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
        return queryset.exclude(Q(state=State.CART) & ~was_tried & ~NEEDS_ATTENTION)


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = [
        *("number", "attention", "state", "shown_total", "refunded"),
        *("created_at", "email"),
    ]
    list_filter = [NeedsAttention, ByState, "currency"]
    search_fields = ["number", "token", "email", "payments__stripe_id", "payments__intent_id"]
    ordering = [NEEDS_ATTENTION.desc(), "-pk"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["mark_as_dealt_with"]
    inlines = [LineInline, TaxInline, PaymentInline, AlertInline, HistoryInline]
    fields = [
        *("number", "attention", "token", "state", "email", "currency"),
        *("shown_subtotal", "discount_code", "shown_discount", "shown_total", "shown_refunds"),
        *("created_at", "frozen_at", "copied_from", "superseded_at", "paid_at", "payment_history"),
    ]
    readonly_fields = ["copied_from"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        orders: QuerySet[Order] = super().get_queryset(request)
        return orders.prefetch_related(Prefetch("alerts", UNRESOLVED, to_attr="unresolved_alerts"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find an order number that was typed without its hyphen too."""
        if re.fullmatch(r"\w{8}", term := search_term.strip()):
            search_term = f"{term[:4]}-{term[4:]}"
        found: tuple[QuerySet[Order], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the links that refund, at the top, for staff with the right to do so."""
        if may_refund(request):
            context["refund_links"] = refund_links(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def has_deal_with_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("cart.change_order")

    @admin.action(
        description=_("Mark as dealt with"),
        permissions=["deal_with"],
        location=[*admin.ActionLocation],
    )
    def mark_as_dealt_with(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        shown = request.POST.get("alerts")  # only the page of one order sends it
        try:
            count = resolve_alerts(
                orders,
                only=None if shown is None else set(shown.split()),
                by=request.user.get_username(),
                at=timezone.now(),
            )
        except NewAlerts:
            messages.warning(
                request,
                gettext("A new alert has come in. Read it, then mark the alerts as dealt with."),
            )
            return
        if count:
            messages.success(request, gettext("Marked as dealt with."))

    @admin.display(description=_("needs attention"))
    def attention(self, order: Order) -> str:
        alerts = order.unresolved_alerts  # type: ignore[attr-defined]  # see get_queryset
        messages = format_html_join(mark_safe("<br>"), "{}", ((alert.message,) for alert in alerts))
        return messages or "—"

    @admin.display(description=_("refunded"))
    def refunded(self, order: Order) -> str:
        return money(order.refunded_amount, order.currency) if order.refunded_amount else "—"

    @admin.display(description=_("refunds"))
    def shown_refunds(self, order: Order) -> str:
        rows = []
        refunds = Refund.objects.filter(payment__order=order)
        for refund in refunds.prefetch_related("lines__line"):
            by = refund.requested_by or gettext("Stripe’s dashboard")
            details = [refund.get_state_display(), refund.get_reason_display(), by]
            details += [*map(str, refund.lines.all()), refund.stripe_id]
            amount = money(refund.amount, order.currency)
            rows.append((amount, ", ".join(filter(None, details))))
        return format_html_join(mark_safe("<br>"), "{}: {}", rows) or "—"

    @admin.display(description=_("history of the payments"))
    def payment_history(self, order: Order) -> str:
        steps = PaymentStep.objects.filter(payment__order=order).select_related("payment")
        rows = (
            (
                date_format(timezone.localtime(step.at), "DATETIME_FORMAT"),
                step.payment.attempt,
                step.get_from_state_display(),
                step.get_to_state_display(),
                step.cause,
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
