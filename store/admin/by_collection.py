from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from store.models import Collection

MOST_SHOWN = 20


class ByCollection(admin.SimpleListFilter):
    """Offers the first collections and the chosen one.

    The others are found in the list of collections, in which each links to its items.
    """

    title = _("collection")
    parameter_name = "collection"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        shown = list(Collection.objects.all()[: MOST_SHOWN + 1])
        self.has_more = len(shown) > MOST_SHOWN
        del shown[MOST_SHOWN:]
        self.chosen = Collection.objects.filter(slug=self.value()).first() if self.value() else None
        if self.chosen and self.chosen not in shown:
            shown.append(self.chosen)
        return [(each.slug, each.name) for each in shown]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.in_collection(self.chosen) if self.chosen else queryset.none()

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield from super().choices(changelist)
        if self.has_more:
            collections = reverse("admin:store_collection_changelist")
            more = gettext("More collections…")
            yield {"selected": False, "query_string": collections, "display": more}
