"""What staff do with several items of the list at once."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from store.admin.prices import ask_for_change
from store.models import Item

MOST = 2000  # items at once


@admin.action(description=_("List: buyers can see and buy them"), permissions=["change"])
def list_items(item_admin: Any, request: HttpRequest, items: QuerySet[Item]) -> None:
    if (chosen := _chosen(request, items.filter(is_listed=False))) is None:
        return
    _set_listed(request, chosen, gettext("Listed."), is_listed=True)
    text = ngettext("%(count)d item is listed now.", "%(count)d items are listed now.", len(chosen))
    messages.success(request, text % {"count": len(chosen)})


@admin.action(description=_("Hide: buyers don’t see them any more"), permissions=["change"])
def hide_items(item_admin: Any, request: HttpRequest, items: QuerySet[Item]) -> None:
    if (chosen := _chosen(request, items.filter(is_listed=True))) is None:
        return
    _set_listed(request, chosen, gettext("Hidden."), is_listed=False)
    text = ngettext("%(count)d item is hidden now.", "%(count)d items are hidden now.", len(chosen))
    messages.success(request, text % {"count": len(chosen)})


@admin.action(description=_("Change prices…"), permissions=["change"])
def change_prices(
    item_admin: Any, request: HttpRequest, items: QuerySet[Item]
) -> HttpResponse | None:
    chosen = _chosen(request, items)
    return None if chosen is None else ask_for_change(request, chosen)


def _chosen(request: HttpRequest, items: QuerySet[Item]) -> list[Item] | None:
    """The chosen items; None, with a sentence, if they are too many."""
    chosen = list(items.order_by("pk")[: MOST + 1])
    if len(chosen) <= MOST:
        return chosen
    text = gettext("At most %(count)d items can be changed at once. Choose fewer.")
    messages.warning(request, text % {"count": MOST})
    return None


def _set_listed(
    request: HttpRequest, items: Sequence[Item], history: str, *, is_listed: bool
) -> None:
    keys = [item.pk for item in items]
    Item.objects.filter(pk__in=keys).update(is_listed=is_listed, updated_at=timezone.now())
    LogEntry.objects.log_actions(
        user_id=str(request.user.pk), queryset=items, action_flag=CHANGE, change_message=history
    )


ACTIONS = [list_items, hide_items, change_prices]
