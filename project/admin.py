"""What needs all apps: orders forget or export their buyer, and new users can log in."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.models import Order
from payments.admin.orders import OrderAdmin
from project.buyer_export import buyer_data
from project.privacy import forget_buyer, orders_of, summary, why_kept


@admin.action(description=_("Export what is kept about the buyer"), permissions=["export"])
def export_buyers(
    order_admin: OrderAdmin, request: HttpRequest, orders: QuerySet[Order]
) -> HttpResponse | None:
    if (chosen := order_admin.chosen(request, orders)) is None:
        return None
    found = {"buyers": [buyer_data(email) for email in _emails(chosen)]}
    headers = {"Content-Disposition": 'attachment; filename="buyer.json"'}
    options = {"ensure_ascii": False, "indent": 2}
    return JsonResponse(found, json_dumps_params=options, headers=headers)


@admin.action(description=_("Forget the buyer…"), permissions=["forget"])
def forget_buyers(
    order_admin: OrderAdmin, request: HttpRequest, orders: QuerySet[Order]
) -> HttpResponse | None:
    """Ask first, because deleted data can't be restored."""
    if (chosen := order_admin.chosen(request, orders)) is None:
        return None
    now, emails = timezone.now(), _emails(chosen)
    if request.POST.get("is_confirmed"):
        for email in emails:
            decisions = forget_buyer(email, at=now, by=request.user.get_username())
            for sentence in summary(decisions):
                messages.info(request, sentence)
        return None
    if not emails:
        messages.warning(request, gettext("These orders have no e-mail address."))
        return None
    found = [order for email in emails for order in orders_of(email)]
    context = {
        **order_admin.admin_site.each_context(request),
        "title": gettext("Forget the buyer"),
        "decisions": [(order, why_kept(order, at=now)) for order in found],
        "orders": chosen,
    }
    return TemplateResponse(request, "admin/forget_buyer.html", context)


def _emails(orders: list[Order]) -> list[str]:
    """The buyers' addresses, each once."""
    return sorted({order.email.lower() for order in orders if order.email})


OrderAdmin.actions += [export_buyers, forget_buyers]

admin.site.unregister(User)


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Users are staff: buyers have no accounts."""

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Without the status, the login says that the password is wrong."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
