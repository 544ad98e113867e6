"""The page in the admin on which staff print packing slips, or invoices with credit notes."""

from collections.abc import Iterable

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from cart.models import Order
from payments.admin.documents import for_printing
from store.models import Shop
from web.keys import as_key

PACKING_SLIPS, INVOICES = "packing-slips", "invoices"
MAX_ORDERS = 200  # on one page


def printing_address(order_ids: Iterable[int], document: str = PACKING_SLIPS) -> str:
    """The address of the page with the documents of these orders."""
    query = urlencode({"orders": ",".join(map(str, order_ids)), "document": document})
    return f"{reverse('admin:payments_print')}?{query}"


def to_printing(order_ids: Iterable[int]) -> HttpResponse:
    return HttpResponseRedirect(printing_address(order_ids))


def may_see_invoices(request: HttpRequest) -> bool:
    """Whether the user may see all of an order. A packer may not: cart.ship_order is enough."""
    return any(map(request.user.has_perm, ("cart.view_order", "cart.change_order")))


@require_safe
def print_orders(request: HttpRequest) -> HttpResponse:
    """Show the documents of the orders in the address. Raises PermissionDenied."""
    numbers, document = request.GET.get("orders", "").split(","), request.GET.get("document")
    sees_orders = admin.site.get_model_admin(Order).has_view_permission(request)
    sees_invoices = may_see_invoices(request)
    if not (sees_invoices if document == INVOICES else sees_orders):
        raise PermissionDenied
    keys = [as_key(number) for number in numbers]
    if document not in (PACKING_SLIPS, INVOICES) or None in keys:
        raise Http404
    order_ids = [key for key in keys[:MAX_ORDERS] if key is not None]
    context = {
        "documents": for_printing(Order.objects.filter(pk__in=order_ids).order_by("pk")),
        "is_packing": document == PACKING_SLIPS,
        "packing_slips": printing_address(order_ids),
        "invoices": printing_address(order_ids, INVOICES) if sees_invoices else "",
        "shop": Shop.current(),
        "back": _back(order_ids),
    }
    return render(request, "admin/print/page.html", context)


def _back(order_ids: list[int]) -> str:
    if len(order_ids) == 1:
        return reverse("admin:cart_order_change", args=order_ids)
    return reverse("admin:cart_order_changelist")
