from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from store.admin.by_currency import ByCurrency
from store.admin.pictures import PictureInline
from store.admin.word_search import WordSearch
from store.models import Item
from store.money import from_minor
from store.templatetags.money import money
from web.concurrent_edits import ConcurrentEditForm


class ItemForm(ConcurrentEditForm):
    """Offer the shop's currencies, and keep the sales made while a merchant edits."""

    changed_by_shop = ["stock"]
    empty_texts = {"stock": _("never runs out")}

    currency = forms.ChoiceField(label=_("Currency"))

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
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in codes]


@admin.register(Item)
class ItemAdmin(WordSearch):
    form = ItemForm
    inlines = [PictureInline]
    list_display = ["name", "shown_price", "stock", "is_listed", "updated_at"]
    list_filter = ["is_listed", ByCurrency]
    search_fields = ["words"]
    list_per_page = 50
    show_full_result_count = False  # a search would count all items too

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, item: Item) -> str:
        return money(item.amount, item.currency)

    def save_model(self, request: HttpRequest, obj: Item, form: ItemForm, change: bool) -> None:
        """Write only the fields that the merchant changed: sales change the stock meanwhile."""
        if change:
            obj.save(update_fields=[*form.changed_data, "updated_at"])
        else:
            obj.save()
