"""The list of items in the admin, in which price, stock and listed are edited."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from store.admin.by_collection import ByCollection
from store.admin.by_currency import ByCurrency
from store.models import Item
from store.money import from_minor
from store.templatetags.money import money
from web.concurrent_lists import ConcurrentList, ListForm, PostedRows

EMPTY_STOCK = {"stock": _("never runs out")}


class ItemListForm(ListForm):
    """One row of the list; sales change the stock meanwhile."""

    changed_by_shop = ["stock"]
    empty_texts = EMPTY_STOCK

    class Meta:
        model = Item
        fields = ["price", "stock", "is_listed"]
        widgets = {
            # Arrow keys change it by 1, and all decimals can be typed.
            "price": forms.NumberInput({"step": "any", "class": "list-price"}),
            "stock": forms.NumberInput({"min": 0, "class": "list-stock", "placeholder": "∞"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:  # the column has three decimals, most currencies two
            self.initial["price"] = from_minor(self.instance.amount, self.instance.currency)


class ItemRows(PostedRows):
    """The items of a page, with what higher apps show about them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for read in ItemList.readers:
            read(self.result_list)


class ItemList(ConcurrentList):
    """The columns of the list. Higher apps append to `list_display` and `readers`."""

    list_form = ItemListForm
    list_display: list[Any] = [
        *("thumbnail", "name", "price", "currency", "stock", "shown_collections", "is_listed")
    ]
    list_display_links = ["name"]
    list_editable = ["price", "stock", "is_listed"]
    list_filter = ["is_listed", ByCurrency, ByCollection]
    list_per_page = 50
    show_full_result_count = False  # a search would count all items too
    show_facets = admin.ShowFacets.NEVER  # they would count all items
    # Each gets the items of a page, before they are shown.
    readers: ClassVar[list[Callable[[Sequence[Item]], None]]] = []

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ItemRows

    def get_queryset(self, request: HttpRequest) -> Any:
        items: Any = super().get_queryset(request)
        return items.with_pictures().prefetch_related("collections")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Users who can't edit read the price as buyers do."""
        if self.has_change_permission(request):
            return self.list_display
        columns = ["shown_price" if each == "price" else each for each in self.list_display]
        columns.remove("currency")
        return columns

    @admin.display(description=_("picture"))
    def thumbnail(self, item: Item) -> SafeString:
        context = {"item": item, "sizes": "48px", "loading": "lazy"}
        return render_to_string("store/item_picture.html", context)

    @admin.display(description=_("collections"), empty_value="")
    def shown_collections(self, item: Item) -> str:
        return ", ".join(str(collection) for collection in item.collections.all())

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, item: Item) -> str:
        return money(item.amount, item.currency)
