"""Staff mark orders as shipped: on a page for one order, or several at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import URLValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cart.models import Order, State
from cart.shipped import (
    CannotBeShipped,
    NotShipped,
    ShippedAlready,
    Tracking,
    change_tracking,
    mark_not_shipped,
    mark_shipped,
)

CHANGED = _("Nothing was done: this order has changed since you opened the page.")


def may_ship(request: HttpRequest) -> bool:
    """Whether the user may mark orders as shipped and write notes about them."""
    user = request.user
    return user.has_perm("cart.ship_order") or user.has_perms(
        ["cart.view_order", "cart.change_order"]
    )


class TrackingLinkField(forms.URLField):
    """A link that begins with https://. URLField also takes other schemes."""

    default_validators = [URLValidator(schemes=["https"])]
    default_error_messages = {"invalid": _("Enter a link that begins with https://.")}


class ShippedForm(forms.Form):
    """How the buyer follows the parcel, and whether the buyer is told."""

    tracking_number = forms.CharField(label=_("Tracking number"), max_length=100, required=False)
    tracking_url = TrackingLinkField(
        label=_("Tracking link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        # A browser would refuse a link without https:// in an input of the type url.
        widget=forms.TextInput(attrs={"class": "vURLField", "inputmode": "url"}),
        help_text=_("The carrier’s page for this parcel. It must begin with https://."),
    )
    notify = forms.BooleanField(label=_("Send the buyer a mail"), required=False, initial=True)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = Tracking(order.tracking_number, order.tracking_url).as_fields()
        if not order.email:
            del self.fields["notify"]
        elif order.shipped_at:
            self.fields["notify"].initial = False

    @property
    def tracking(self) -> Tracking:
        return Tracking(self.cleaned_data["tracking_number"], self.cleaned_data["tracking_url"])


@require_http_methods(["GET", "POST"])
def mark_order_shipped(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show the form, or do what its pressed button says and go back to the order.

    Raises PermissionDenied.
    """
    if not may_ship(request):
        raise PermissionDenied
    order = get_object_or_404(Order, pk=order_id)
    form = ShippedForm(request.POST or None, order=order)
    if "undo" in request.POST or form.is_valid():
        _apply(request, order, form)
        return HttpResponseRedirect(reverse("admin:cart_order_change", args=[order.pk]))
    title = gettext("Tracking") if order.shipped_at else gettext("Mark as shipped")
    context = admin.site.each_context(request) | {"title": title, "form": form, "order": order}
    context["alerts"] = order.alerts.filter(resolved_at=None)
    status = 422 if form.errors else 200
    return render(request, "admin/mark_shipped.html", context, status=status)


def _apply(request: HttpRequest, order: Order, form: ShippedForm) -> None:
    """Undo, change or mark, and tell the user on the next page how it went."""
    by, at = request.user.get_username(), timezone.now()
    notify = "undo" not in request.POST and form.cleaned_data.get("notify", False)
    try:
        if "undo" in request.POST:
            mark_not_shipped(order.pk, by=by, at=at)
            messages.success(request, gettext("The order isn’t marked as shipped any more."))
        elif "change" in request.POST:
            change_tracking(order.pk, form.tracking, notify=notify, by=by, at=at)
            messages.success(request, gettext("The tracking was saved."))
        else:
            mark_shipped(order.pk, form.tracking, notify=notify, by=by, at=at)
            messages.success(request, gettext("The order is marked as shipped."))
    except ShippedAlready as already:
        when = date_format(timezone.localtime(already.at), "DATETIME_FORMAT")
        text = gettext("This order was marked as shipped on %(when)s by %(by)s.")
        messages.info(request, text % {"by": already.by, "when": when})
    except CannotBeShipped:
        reason = why_not_to_ship(Order.objects.get(pk=order.pk))
        messages.error(request, gettext("Not marked as shipped: %(why)s.") % {"why": reason})
    except NotShipped:
        messages.warning(request, CHANGED)


def why_not_to_ship(order: Order) -> str:
    """Why the order doesn't have to be sent now; "" if it has."""
    if order.state != State.PAID:
        return gettext("not paid")
    if not order.needs_shipping:
        return gettext("nothing has to be sent")
    if order.shipped_at:
        return gettext("shipped already")
    return gettext("refunded") if order.is_refunded else ""


def mark_several_shipped(request: HttpRequest, orders: Sequence[Order]) -> HttpResponse | None:
    """Mark those that have to be sent, tell their buyers, and say which were not marked.

    An order with an alert isn't marked: staff read the alert on the order's own page. Ask first,
    since a mail can't be taken back.
    """
    reasons = [(order, _why_not_among_several(order)) for order in orders]
    if "is_confirmed" not in request.POST and not all(why for _order, why in reasons):
        context = admin.site.each_context(request) | {"title": gettext("Mark as shipped")}
        return render(request, "admin/mark_several_shipped.html", context | {"reasons": reasons})
    marked, others = 0, []
    by, at = request.user.get_username(), timezone.now()
    for order, why in reasons:
        reason = why or _mark_one_of_several(order, by, at)
        if reason:
            others.append(f"{order} ({reason})")
        else:
            marked += 1
    if marked:
        messages.success(request, gettext("Marked as shipped: %(count)d.") % {"count": marked})
    if others:
        names = {"orders": ", ".join(others)}
        messages.warning(request, gettext("Not marked as shipped: %(orders)s.") % names)
    return None


def _why_not_among_several(order: Order) -> str:
    if reason := why_not_to_ship(order):
        return reason
    has_alert = order.unresolved_alerts  # type: ignore[attr-defined]  # see OrderAdmin.get_queryset
    return gettext("needs attention") if has_alert else ""


def _mark_one_of_several(order: Order, by: str, at: datetime) -> str:
    """Mark it, or return why somebody else's change forbids that."""
    try:
        mark_shipped(order.pk, Tracking(), notify=bool(order.email), by=by, at=at)
    except (ShippedAlready, CannotBeShipped):
        return why_not_to_ship(Order.objects.get(pk=order.pk))
    return ""
