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
    """Offers the currencies that the shop sells in, and overwrites no sale made meanwhile."""

    currency = forms.ChoiceField(label=_("Currency"))

    class Meta:
        model = Item
        fields = ["name", "description", "price", "currency", "image", "stock", "is_listed"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [*settings.STRIPE_CURRENCIES]
        if self.instance.currency and self.instance.currency not in codes:
            codes.append(self.instance.currency)  # an old item keeps what it has
        self.fields["stock"].show_hidden_initial = True  # sales change it while a merchant edits
        if self.instance.pk is not None:  # with the decimals of its currency, not the column's
            self.initial["price"] = from_minor(self.instance.amount, self.instance.currency)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in codes]

    def clean_stock(self) -> int | None:
        """Refuses a new figure if the one that it replaces isn't the one that the merchant saw.

        Locks the item until the admin's transaction ends: no sale comes between this and the save.
        """
        figure: int | None = self.cleaned_data["stock"]
        if self.instance.pk is None or "stock" not in self.changed_data:
            return figure
        box = self["stock"]
        seen = box.field.to_python(self.data.get(box.html_initial_name))
        item = Item.objects.select_for_update().get(pk=self.instance.pk)
        if item.stock != seen:
            self._show_as_seen(box.html_initial_name, item.stock)
            raise ValidationError(_stock_changed(seen, item.stock))
        return figure

    def _show_as_seen(self, hidden_name: str, stock: int | None) -> None:
        """The error tells the merchant the new figure, so that the next save can go by it."""
        shown = QueryDict(mutable=True)
        shown.update(self.data)
        shown[hidden_name] = "" if stock is None else str(stock)
        self.data = shown


def _stock_changed(seen: int | None, now: int | None) -> str:
    if now is None:
        return gettext(
            "The stock never runs out now, since it was changed while you edited. "
            "Check the figure and save again."
        )
    if seen is not None and now < seen:
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
        """Writes what the merchant changed, and nothing else of what the form carries."""
        if change:
            obj.save(update_fields=[*form.changed_data, "updated_at"])
        else:
            obj.save()
