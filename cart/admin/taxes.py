from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cart.admin.effects import EFFECT_OF_CHANGES
from cart.models import Tax
from cart.models.tax import MAX_TAXES
from cart.signals import tax_saved
from store.countries import COUNTRIES, sorted_countries
from web.concurrent_edits import ConcurrentEditForm


class TaxAdminForm(ConcurrentEditForm):
    """Refuse what Stripe would refuse when somebody buys."""

    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        help_text=_("Only for Stripe’s reports: the tax is on every order, wherever it is sent."),
    )

    class Meta:
        model = Tax
        fields = [
            *("display_name", "percentage", "is_inclusive"),
            *("country", "is_active", "applies_by_default"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *sorted_countries(COUNTRIES)]

    def clean(self) -> dict[str, Any]:
        # First, and in one order for all saves: two that lock in different orders would deadlock.
        list(Tax.objects.select_for_update().order_by("pk"))
        values = super().clean() or {}
        applies = values.get("is_active") and values.get("applies_by_default")
        others = Tax.objects.exclude(pk=self.instance.pk).applied()
        if applies and others.count() >= MAX_TAXES:
            message = _("An order can have at most %(most)s taxes. Switch off another one first.")
            self.add_error("is_active", ValidationError(message, params={"most": MAX_TAXES}))
        return values


@admin.register(Tax)
class TaxAdmin(admin.ModelAdmin):
    form = TaxAdminForm
    list_display = ["display_name", "percentage", "is_inclusive", "country", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["display_name"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "display_name",
                    "percentage",
                    "is_inclusive",
                    "country",
                    "is_active",
                    "applies_by_default",
                ],
                "description": EFFECT_OF_CHANGES,
            },
        )
    ]

    def save_model(self, request: HttpRequest, obj: Tax, form: TaxAdminForm, change: bool) -> None:
        """Tell payments after the commit, since that calls Stripe. An error there is logged."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(
            lambda: tax_saved.send(sender=Tax, tax=obj, request=request), robust=True
        )
