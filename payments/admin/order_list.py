"""The list of orders in the admin: what has to be done comes first."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import HELD, TO_SHIP, Order, OrderAlert, State
from payments.models import Payment
from store.templatetags.money import money

UNRESOLVED = OrderAlert.objects.filter(resolved_at=None)
NEEDS_ATTENTION = Exists(UNRESOLVED.filter(order=OuterRef("pk")))
TO_SHIP_FIRST = ExpressionWrapper(TO_SHIP, BooleanField()).desc()
SHOWN_LINES = 3
# An order number as people type it, and the address of a receipt as they paste it.
SPOKEN_NUMBER = re.compile(r"(\w{4})[\s-]?(\w{4})")
RECEIPT_ADDRESS = re.compile(r"https?://[^/]+/order/([\w-]+)[/?#]?.*")

TO_DO: dict[str, tuple[Promise | str, Q]] = {
    "ship": (_("To ship"), TO_SHIP),
    "attention": (_("Needs attention"), Q(NEEDS_ATTENTION)),
    "waiting": (_("Waiting for money"), Q(state__in=HELD)),
    "done": (_("Done"), Q(state=State.PAID) & ~TO_SHIP & ~Q(NEEDS_ATTENTION)),
}


class ToDo(admin.SimpleListFilter):
    """What staff have to do with the orders, and how many there are."""

    title = _("task")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        counts = Order.objects.aggregate(
            **{name: Count("pk", filter=condition) for name, (_title, condition) in TO_DO.items()}
        )
        return [(name, f"{title} ({counts[name]})") for name, (title, _q) in TO_DO.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        value = self.value()
        return queryset.filter(TO_DO[value][1]) if value in TO_DO else queryset


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


class OrderList(admin.ModelAdmin):
    """The columns and the search of the list."""

    list_display = ["number", "day", "buyer", "items", "total", "shown_state", "attention"]
    list_filter = [ToDo, ByState, "currency"]
    search_fields = [
        *("number", "token", "email", "buyer_name__any_case", "lines__name__any_case"),
        *("payments__stripe_id", "payments__intent_id", "payments__refunds__stripe_id"),
        *("invoices__number", "shipping_address__name__any_case"),
    ]
    search_help_text = _(
        "Number, e-mail, name, item, invoice, Stripe id, or the address of the receipt."
    )
    ordering = [NEEDS_ATTENTION.desc(), TO_SHIP_FIRST, "-pk"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # the filter by task has counts

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find also a number without its hyphen, and the pasted address of a receipt."""
        term = search_term.strip()
        if address := RECEIPT_ADDRESS.fullmatch(term):
            return queryset.filter(token=address[1]), False
        orders: QuerySet[Order]
        orders, may_repeat = super().get_search_results(request, queryset, term)
        if typed := SPOKEN_NUMBER.fullmatch(term):
            orders |= queryset.filter(number__iexact=f"{typed[1]}-{typed[2]}")
        return orders, may_repeat

    @admin.display(description=_("needs attention"))
    def attention(self, order: Order) -> str:
        alerts = order.unresolved_alerts  # type: ignore[attr-defined]  # see OrderAdmin.get_queryset
        messages = format_html_join(
            mark_safe("<br>"), '<span class="alert">{}</span>', ((each.message,) for each in alerts)
        )
        return messages or "—"

    @admin.display(description=_("day"), ordering="created_at")
    def day(self, order: Order) -> str:
        begun_at = order.paid_at or order.frozen_at or order.created_at
        return date_format(timezone.localtime(begun_at), "SHORT_DATE_FORMAT")

    @admin.display(description=_("buyer"), ordering="buyer_name")
    def buyer(self, order: Order) -> str:
        return order.buyer_name or order.email or "—"

    @admin.display(description=_("items"))
    def items(self, order: Order) -> str:
        lines = [str(line) if line.quantity > 1 else line.name for line in order.lines.all()]
        if (more := len(lines) - SHOWN_LINES) > 0:
            lines[SHOWN_LINES:] = [gettext("%(count)d more") % {"count": more}]
        return ", ".join(lines) or "—"

    @admin.display(description=_("total"), ordering="total_amount")
    def total(self, order: Order) -> str:
        total = money(order.total_amount, order.currency)
        if not order.refunded_amount:
            return total
        refunded = money(order.refunded_amount, order.currency)
        names = {"total": total, "refunded": refunded}
        return gettext("%(total)s, %(refunded)s refunded") % names

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, order: Order) -> str:
        """One word, which includes what the order's state does not: refunded and shipped."""
        if order.is_refunded:
            return gettext("refunded")
        if order.shipped_at:
            return gettext("shipped")
        return gettext("to ship") if order.is_to_ship else order.get_state_display()
