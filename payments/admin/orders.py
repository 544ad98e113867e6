"""Orders in the admin: read-only, with their payments and links to Stripe's dashboard."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Prefetch, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import Order, OrderLine, ShippingAddress
from payments.admin.accounting import export_documents
from payments.admin.inlines import (
    AlertInline,
    HistoryInline,
    PaymentInline,
    refund_links,
    requested_amount,
)
from payments.admin.notes import NoteForm, add_note
from payments.admin.order_list import UNRESOLVED, OrderList
from payments.admin.printing import (
    MAX_ORDERS,
    may_see_invoices,
    print_orders,
    printing_address,
    to_printing,
)
from payments.admin.refunds import may_refund, refund_payment
from payments.admin.shipped import mark_order_shipped, mark_several_shipped, may_ship
from payments.alerts import NewAlerts, resolve_alerts
from payments.models import REFUNDED_OR_REQUESTED, PaymentStep, Refund
from store.templatetags.money import money
from web.http import SeeOther

MOST_CHOSEN = 900  # a page that asks first has a field for each, and Django takes at most 1000


@admin.register(Order)
class OrderAdmin(OrderList):
    # Higher layers append to these two lists in their own admin.py.
    actions: list[Any] = ["mark_as_shipped", "print_orders", "mark_as_dealt_with"]
    inlines: ClassVar[list[Any]] = [PaymentInline, AlertInline, HistoryInline]
    fieldsets = [
        (
            _("Details"),
            {
                "classes": ["collapse"],
                "fields": [
                    *("number", "attention", "token", "state", "language", "shown_refunds"),
                    *("created_at", "frozen_at", "copied_from", "superseded_at", "paid_at"),
                    "payment_history",
                ],
            },
        )
    ]
    readonly_fields = ["copied_from"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        orders: QuerySet[Order] = super().get_queryset(request)
        alerts = Prefetch("alerts", UNRESOLVED, to_attr="unresolved_alerts")
        return orders.prefetch_related("lines", alerts)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff who mark orders as shipped see them, but neither invoices nor an export."""
        return self.has_export_permission(request) or request.user.has_perm("cart.ship_order")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return may_see_invoices(request)

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[Callable[..., HttpResponseBase], str]] = {
            "<int:order_id>/refund/<int:payment_id>/": (refund_payment, "payments_refund"),
            "<int:order_id>/shipped/": (mark_order_shipped, "payments_shipped"),
            "<int:order_id>/notes/": (add_note, "payments_note"),
            "print/": (print_orders, "payments_print"),
            "accounting/": (export_documents, "payments_accounting"),
        }
        addresses = [
            path(address, self.admin_site.admin_view(view), name=name)
            for address, (view, name) in views.items()
        ]
        return [*addresses, *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Django's log has nothing about orders: they have their own history."""
        return SeeOther(reverse("admin:cart_order_change", args=[object_id]))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"sees_invoices": may_see_invoices(request)} | (extra_context or {})
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the top of the page: what was bought, where it goes, and what staff can do."""
        order = context["original"]
        context["lines"] = _with_refunded_pieces(order.lines.all())
        context["address"] = ShippingAddress.objects.filter(order=order).first()
        context["printing_address"] = printing_address([order.pk])
        context["shown_state"] = self.shown_state(order)
        context["requested_amount"] = requested_amount(order)
        context["notes"] = order.staff_notes.all()
        if may_refund(request):
            context["refund_links"] = refund_links(order)
        if may_ship(request):
            context["note_form"] = NoteForm()
        context["may_deal_with_alerts"] = self.has_deal_with_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description=_("Mark as shipped and tell the buyers…"), permissions=["ship"])
    def mark_as_shipped(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        chosen = self.chosen(request, orders)
        return None if chosen is None else mark_several_shipped(request, chosen)

    @admin.action(description=_("Print"), permissions=["view"])
    def print_orders(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        chosen = self.chosen(request, orders, most=MAX_ORDERS)
        return None if chosen is None else to_printing(order.pk for order in chosen)

    def chosen(
        self, request: HttpRequest, orders: QuerySet[Order], *, most: int = MOST_CHOSEN
    ) -> list[Order] | None:
        """The orders chosen for an action; None, with a sentence, if they are too many."""
        chosen = list(orders.order_by("pk")[: most + 1])
        if len(chosen) <= most:
            return chosen
        text = gettext("This works with at most %(count)d orders at once. Choose fewer.")
        messages.warning(request, text % {"count": most})
        return None

    def has_forget_permission(self, request: HttpRequest) -> bool:
        """Whether an action may delete what orders say about their buyers."""
        return request.user.has_perm("cart.delete_order")

    def has_ship_permission(self, request: HttpRequest) -> bool:
        return may_ship(request)

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


def _with_refunded_pieces(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    is_refunded = Q(refunds__refund__state__in=REFUNDED_OR_REQUESTED)
    return lines.annotate(refunded_quantity=Sum("refunds__quantity", filter=is_refunded))
