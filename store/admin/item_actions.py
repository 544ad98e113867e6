"""What staff do with several items of the list at once."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from store.admin.prices import ask_for_change
from store.copies import copy_item
from store.models import Item, Picture
from web.http import SeeOther

MOST = 2000  # items at once
MOST_DELETED = 900  # Django's page has a field for each, and takes at most 1000
MOST_COPIES = 10  # their pictures' files are written while other writers wait


@admin.action(description=_("List: buyers can see and buy them"), permissions=["change"])
def list_items(item_admin: Any, request: HttpRequest, items: QuerySet[Item]) -> None:
    if (count := _set_listed(request, items, gettext("Listed."), is_listed=True)) is not None:
        text = ngettext("%(count)d item is listed now.", "%(count)d items are listed now.", count)
        messages.success(request, text % {"count": count})


@admin.action(description=_("Hide: buyers don’t see them any more"), permissions=["change"])
def hide_items(item_admin: Any, request: HttpRequest, items: QuerySet[Item]) -> None:
    if (count := _set_listed(request, items, gettext("Hidden."), is_listed=False)) is not None:
        text = ngettext("%(count)d item is hidden now.", "%(count)d items are hidden now.", count)
        messages.success(request, text % {"count": count})


@admin.action(description=_("Change prices…"), permissions=["change"])
def change_prices(
    item_admin: Any, request: HttpRequest, items: QuerySet[Item]
) -> HttpResponse | None:
    chosen = _chosen(request, items)
    return None if chosen is None else ask_for_change(request, chosen)


@admin.action(description=_("Copy"), permissions=["add"])
def copy_items(item_admin: Any, request: HttpRequest, items: QuerySet[Item]) -> HttpResponse | None:
    """Show the form of the copy, or the list if there are several."""
    chosen = _chosen(request, items, most=MOST_COPIES)
    if not chosen:
        return None
    may_add_pictures = request.user.has_perm("store.add_picture")
    copies = [copy_item(item, with_pictures=may_add_pictures) for item in chosen]
    for copy in copies:
        item_admin.log_addition(request, copy, gettext("Copied."))
    text = ngettext(
        "%(count)d copy was made. It is hidden until you list it.",
        "%(count)d copies were made. They are hidden until you list them.",
        len(copies),
    )
    messages.success(request, text % {"count": len(copies)})
    if not may_add_pictures and Picture.objects.filter(item__in=chosen).exists():
        text = gettext("The pictures weren’t copied, because you can’t add pictures.")
        messages.warning(request, text)
    if len(copies) > 1 or not request.user.has_perm("store.change_item"):
        return None
    return SeeOther(reverse("admin:store_item_change", args=[copies[0].pk]))


@admin.action(
    description=actions.delete_selected.short_description,  # type: ignore[attr-defined]
    permissions=["delete"],
)
def delete_selected(item_admin: Any, request: HttpRequest, items: QuerySet[Item]) -> Any:
    if _chosen(request, items, most=MOST_DELETED) is None:
        return None
    return actions.delete_selected(item_admin, request, items)


def _chosen(
    request: HttpRequest, items: QuerySet[Item], *, most: int | None = None
) -> list[Item] | None:
    """The chosen items; None, with a sentence, if they are too many."""
    most = most or MOST
    chosen = list(items.order_by("pk")[: most + 1])
    if len(chosen) <= most:
        return chosen
    text = gettext("At most %(count)d items can be changed at once. Choose fewer.")
    messages.warning(request, text % {"count": most})
    return None


def _set_listed(
    request: HttpRequest, items: QuerySet[Item], history: str, *, is_listed: bool
) -> int | None:
    """Return how many items were changed; None if too many were chosen."""
    if (chosen := _chosen(request, items.exclude(is_listed=is_listed))) is None:
        return None
    keys = [item.pk for item in chosen]
    Item.objects.filter(pk__in=keys).update(is_listed=is_listed, updated_at=timezone.now())
    LogEntry.objects.log_actions(
        user_id=str(request.user.pk), queryset=chosen, action_flag=CHANGE, change_message=history
    )
    return len(chosen)


ACTIONS = [list_items, hide_items, change_prices, copy_items, delete_selected]
