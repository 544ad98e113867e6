from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from store.models import Item


class ItemForm(forms.ModelForm):
    """Offers the currencies that the shop sells in."""

    currency = forms.ChoiceField(label=_("currency"))

    class Meta:
        model = Item
        fields = ["name", "description", "price", "currency", "image", "stock", "is_listed"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [*settings.STRIPE_CURRENCIES]
        if self.instance.currency and self.instance.currency not in codes:
            codes.append(self.instance.currency)  # an old item keeps what it has
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in codes]


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    form = ItemForm
    list_display = ["name", "price", "currency", "stock", "is_listed", "updated_at"]
    list_filter = ["is_listed", "currency"]
    search_fields = ["name", "description"]
    list_per_page = 50
