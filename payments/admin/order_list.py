"""The list of orders in the admin: what has to be done comes first."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import HELD, TO_SHIP, Order, OrderAlert, State
from payments.admin.order_search import with_exactly, with_words
from payments.models import Payment, PaymentState
from store.admin.by_currency import ByCurrency
from store.templatetags.money import money

UNRESOLVED = OrderAlert.objects.filter(resolved_at=None)
NEEDS_ATTENTION = Q(pk__in=UNRESOLVED.values("order"))
ATTENTION_FIRST = ExpressionWrapper(NEEDS_ATTENTION, BooleanField()).desc()
TO_SHIP_FIRST = ExpressionWrapper(TO_SHIP, BooleanField()).desc()
SHOWN_LINES = 3
# More orders are neither counted for a task nor found by a search.
MOST_COUNTED, MOST_FOUND = 1000, 1000

TO_DO: dict[str, tuple[Promise | str, Q]] = {
    "ship": (_("To ship"), TO_SHIP),
    "attention": (_("Needs attention"), NEEDS_ATTENTION),
    "waiting": (_("Waiting for money"), Q(state__in=HELD)),
    "done": (_("Done"), Q(state=State.PAID) & ~TO_SHIP & ~NEEDS_ATTENTION),
}


class ToDo(admin.SimpleListFilter):
    """What staff have to do with the orders, and how many there are."""

    title = _("task")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (name, f"{title} ({counted(Order.objects.filter(condition))})")
            for name, (title, condition) in TO_DO.items()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        value = self.value()
        return queryset.filter(TO_DO[value][1]) if value in TO_DO else queryset


def counted(orders: QuerySet[Order]) -> str:
    """How many there are, like 12, or 1000+."""
    count = orders.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


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
        # Money that didn't make an order paid has raised an alert.
        attempts = Payment.objects.filter(state__in=set(PaymentState) - {PaymentState.SUCCEEDED})
        was_tried = Q(pk__in=attempts.values("order")) | Q(
            pk__in=OrderAlert.objects.values("order")
        )
        is_left_cart = Q(state=State.CART) & ~was_tried
        return queryset.exclude(is_left_cart)


class ToDoFirst(Paginator):
    """Pages that begin with open alerts, then what has to be shipped; the newest come first.

    Each of the three parts is read by an index. To sort by these conditions, a database would have
    to look at all orders.
    """

    object_list: Any

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        orders = self.object_list.order_by("-pk")
        others = orders.exclude(NEEDS_ATTENTION)
        skipped, keys = (number - 1) * self.per_page, list[int]()
        for part in (orders.filter(NEEDS_ATTENTION), others.filter(TO_SHIP)):
            keys += _keys(part, skipped, self.per_page - len(keys))
            skipped = max(skipped - part.count(), 0)
        keys += _keys(others.exclude(TO_SHIP), skipped, self.per_page - len(keys))
        found = {order.pk: order for order in orders.filter(pk__in=keys)}
        return Page([found[key] for key in keys if key in found], number, self)


def _keys(orders: QuerySet[Order], skipped: int, count: int) -> QuerySet[Order, int]:
    return orders.values_list("pk", flat=True)[skipped : skipped + count]


class OrderList(admin.ModelAdmin):
    """The columns and the search of the list."""

    list_display = ["number", "day", "buyer", "items", "total", "shown_state", "attention"]
    list_filter = [ToDo, ByState, ByCurrency]
    search_fields = ["number"]  # shows the field; see get_search_results
    search_help_text = _(
        "Number, e-mail, name, item, invoice, Stripe id, or the address of the receipt."
    )
    ordering = [ATTENTION_FIRST, TO_SHIP_FIRST, "-pk"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # the filter by task has counts

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> Paginator:
        paginator = Paginator if ORDER_VAR in request.GET else ToDoFirst
        return paginator(queryset, per_page, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find an order by what only it has, or orders by words."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if exact := with_exactly(term):
            return queryset.filter(pk__in=exact), False
        newest = with_words(queryset, term).order_by("-pk").values_list("pk", flat=True)
        keys = list(newest[: MOST_FOUND + 1])
        if len(keys) > MOST_FOUND:
            text = gettext("These are the newest %(count)d of the orders that were found.")
            messages.warning(request, text % {"count": MOST_FOUND})
        return queryset.filter(pk__in=keys[:MOST_FOUND]), False

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
