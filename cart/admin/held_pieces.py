"""A column of the list of items: the pieces of unpaid orders."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cart.models import HELD, Order, OrderLine
from store.admin.item_list import ItemList
from store.models import Item


def read_held_pieces(items: Sequence[Item]) -> None:
    """Set `held_pieces` of each item. Unpaid orders are few, the orders of an item may be many."""
    unpaid = [*Order.objects.filter(state__in=HELD).values_list("pk", flat=True)]
    lines = OrderLine.objects.filter(order__in=unpaid, held_quantity__gt=0).order_by()
    held = dict(lines.values_list("item").annotate(Sum("held_quantity")))
    for item in items:
        item.held_pieces = held.get(item.pk, 0)  # type: ignore[attr-defined]


@admin.display(description=_("being paid"), empty_value="")
def held_pieces(item: Item) -> str:
    """Like “3, of which 2 are being paid”, where 1 is left in stock."""
    held = item.held_pieces  # type: ignore[attr-defined]
    if not held or item.stock is None:
        return ""
    text = ngettext(
        "%(all)d, of which %(held)d is being paid",
        "%(all)d, of which %(held)d are being paid",
        held,
    )
    return text % {"all": item.stock + held, "held": held}


ItemList.readers.append(read_held_pieces)
ItemList.list_display.insert(ItemList.list_display.index("stock") + 1, held_pieces)
