from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from store.models import Item
from store.money import from_minor
from store.templatetags.money import money


class ItemForm(forms.ModelForm):
    """Offer the shop's currencies, and keep the sales made while a merchant edits."""

    currency = forms.ChoiceField(label=_("Currency"))

    class Meta:
        model = Item
        fields = ["name", "description", "price", "currency", "image", "stock", "is_listed"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [*settings.STRIPE_CURRENCIES]
        if self.instance.currency and self.instance.currency not in codes:
            codes.append(self.instance.currency)  # an old item keeps its currency
        self.fields["stock"].show_hidden_initial = True  # for clean_stock
        if self.instance.pk is not None:  # the column has three decimals, most currencies two
            self.initial["price"] = from_minor(self.instance.amount, self.instance.currency)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in codes]

    def clean_stock(self) -> int | None:
        """Return the new stock. Raises ValidationError if it was changed since the form was shown.

        Locks the item until the admin's transaction ends, so that no sale comes before the save.
        """
        stock: int | None = self.cleaned_data["stock"]
        if self.instance.pk is None or "stock" not in self.changed_data:
            return stock
        bound = self["stock"]
        shown = bound.field.to_python(self.data.get(bound.html_initial_name))
        stored = Item.objects.select_for_update().get(pk=self.instance.pk).stock
        if stored != shown:
            self._set_hidden_initial(bound.html_initial_name, stored)
            raise ValidationError(_stock_changed(shown, stored))
        return stock

    def _set_hidden_initial(self, name: str, stock: int | None) -> None:
        """The error message shows the stored stock, so the next save may replace it."""
        values = QueryDict(mutable=True)
        values.update(self.data)
        values[name] = "" if stock is None else str(stock)
        self.data = values


def _stock_changed(shown: int | None, now: int | None) -> str:
    """The error message; None is a stock that never runs out."""
    if now is None:
        return gettext(
            "The stock never runs out now, since it was changed while you edited. "
            "Check the figure and save again."
        )
    if shown is not None and now < shown:
        return gettext(
            "The stock is %(stock)s now, since some were sold while you edited. "
            "Check the figure and save again."
        ) % {"stock": now}
    return gettext(
        "The stock is %(stock)s now, since it was changed while you edited. "
        "Check the figure and save again."
    ) % {"stock": now}


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    form = ItemForm
    list_display = ["name", "shown_price", "stock", "is_listed", "updated_at"]
    list_filter = ["is_listed", "currency"]
    search_fields = ["name", "description"]
    list_per_page = 50

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, item: Item) -> str:
        return money(item.amount, item.currency)

    def save_model(self, request: HttpRequest, obj: Item, form: ItemForm, change: bool) -> None:
        """Write only the fields that the merchant changed: sales change the stock meanwhile."""
        if change:
            obj.save(update_fields=[*form.changed_data, "updated_at"])
        else:
            obj.save()
