from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ByCurrency(admin.SimpleListFilter):
    """Offers the shop's currencies. Django's own filter reads all rows to find which there are.

    For a currency that the shop had in the past, add ?currency=EUR to the address.
    """

    title = _("currency")
    parameter_name = "currency"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(code, code) for code in settings.STRIPE_CURRENCIES]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(currency=self.value()) if self.value() else queryset
