from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from store.admin.item_actions import ACTIONS
from store.admin.item_deletion import ItemDeletion
from store.admin.item_export import ItemExport
from store.admin.item_import import ItemImport
from store.admin.item_list import EMPTY_STOCK, ItemList
from store.admin.pictures import PictureInline, WithPictures
from store.admin.prices import change_prices
from store.admin.save_as_new import SaveAsNew
from store.admin.word_search import WordSearch
from store.models import Collection, Item
from store.money import from_minor
from web.concurrent_edits import ConcurrentEdit, ConcurrentEditForm


class ItemForm(ConcurrentEditForm):
    """Offer the shop's currencies, and keep the sales made while a merchant edits."""

    changed_by_shop = ["stock"]
    empty_texts = EMPTY_STOCK
    many = ["collections"]

    currency = forms.ChoiceField(label=_("Currency"))
    collections = forms.ModelMultipleChoiceField(
        Collection.objects.all(),
        required=False,
        label=_("Collections"),
        widget=FilteredSelectMultiple(_("collections"), is_stacked=False),
    )

    class Meta:
        model = Item
        fields = [
            *("name", "description", "price", "currency", "stock"),
            *("needs_shipping", "is_listed", "position"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [*settings.STRIPE_CURRENCIES]
        if self.instance.currency and self.instance.currency not in codes:
            codes.append(self.instance.currency)  # an old item keeps its currency
        if self.instance.pk is not None:  # the column has three decimals, most currencies two
            self.initial["price"] = from_minor(self.instance.amount, self.instance.currency)
            self.initial["collections"] = list(self.instance.collections.all())
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in codes]


@admin.register(Item)
class ItemAdmin(
    WordSearch,
    ItemDeletion,
    ItemExport,
    ItemImport,
    ItemList,
    WithPictures,
    SaveAsNew,
    ConcurrentEdit,
):
    form = ItemForm
    actions = ACTIONS
    inlines = [PictureInline]
    search_fields = ["words"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(change_prices)
        return [path("prices/", view, name="store_item_prices"), *super().get_urls()]

    def view_on_site(self, item: Item) -> str | None:
        return item.get_absolute_url() if item.is_listed else None

    def get_fields(self, request: HttpRequest, obj: Item | None = None) -> list[Any]:
        """Users who can't edit read the collections as in the list."""
        fields = list(super().get_fields(request, obj))
        if obj and not self.has_change_permission(request, obj):
            return ["shown_collections" if each == "collections" else each for each in fields]
        return fields
