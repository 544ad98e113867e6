"""Delete items that no cart and no order has. The others can be hidden."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import PROTECT, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from store.models import Collection, Item


def kept_items(items: Sequence[Item] | QuerySet[Item]) -> QuerySet[Item]:
    """Those of the items that rows of other apps protect, like the lines of orders."""
    is_kept = Q(pk__in=[])
    for relation in Item._meta.related_objects:
        if getattr(relation, "on_delete", None) is PROTECT:
            rows = relation.related_model._default_manager
            is_kept |= Q(Exists(rows.filter(**{relation.field.name: OuterRef("pk")})))
    return Item.objects.filter(is_kept, pk__in=[item.pk for item in items])


class ItemDeletion(admin.ModelAdmin):
    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Don't read the lines of kept items: an item that sells well has many.

        What else belongs to an item, like its pictures and mails, needs no right of its own and
        is only counted. Its collections stay, so the rows that link them aren't named.
        """
        if request.method == "POST":  # in a transaction; nobody can add them to a cart meanwhile
            list(Item.objects.filter(pk__in=[item.pk for item in objs]).select_for_update())
        if kept := list(kept_items(objs)):
            return [], {}, set(), kept
        _deleted, counts, _rights, protected = super().get_deleted_objects(objs, request)
        counts.pop(str(Collection.items.through._meta.verbose_name_plural), None)
        return [str(each) for each in objs], counts, set(), protected
