from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cart.models import Discount, Tax
from store.money import coin

WHAT_EDITING_DOES = _(
    "Open carts follow a change at once. Orders that are being paid, or are paid, keep the values "
    "that they were frozen with; the next purchase uses a new coupon or tax rate at Stripe."
)


class DiscountForm(forms.ModelForm):
    """Offers the shop's currencies, and says in words what the database would refuse."""

    currency = forms.ChoiceField(label=_("currency"), required=False)

    class Meta:
        model = Discount
        fields = [
            *("code", "percent", "amount", "currency", "minimum_amount"),
            *("starts_at", "ends_at", "max_redemptions", "is_active"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        codes = {*settings.STRIPE_CURRENCIES, self.instance.currency} - {""}
        field.choices = [("", "—"), *((code, code) for code in sorted(codes))]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        percent, amount = values.get("percent"), values.get("amount")
        if (percent is None) == (amount is None) and not self.errors:
            self.add_error("percent", _("Give either a percentage or an amount."))
        if amount is not None and amount <= 0:
            self.add_error("amount", _("The amount must be more than zero."))
        needs_currency = amount is not None or values.get("minimum_amount") is not None
        if needs_currency and not values.get("currency"):
            self.add_error("currency", _("An amount needs its currency."))
        elif needs_currency:
            self._refuse_broken_coins(values)
        limit = values.get("max_redemptions")
        if isinstance(limit, int) and limit < self.instance.times_redeemed:
            self.add_error("max_redemptions", _("It has been redeemed more often already."))
        return values

    def _refuse_broken_coins(self, values: dict[str, Any]) -> None:
        step = coin(values["currency"])
        for name in ("amount", "minimum_amount"):
            if (values.get(name) or 0) % step:
                sentence = _("In %(currency)s it must be a multiple of %(step)s: Stripe's rule.")
                numbers = {"currency": values["currency"], "step": step}
                self.add_error(name, ValidationError(sentence, params=numbers))


@admin.register(Discount)
class DiscountAdmin(admin.ModelAdmin):
    form = DiscountForm
    list_display = ["code", "percent", "amount", "currency", "ends_at", "redeemed", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code"]
    readonly_fields = ["times_redeemed"]
    fieldsets = [
        (None, {"fields": ["code", "percent", "amount", "currency"]}),
        (
            _("Limits"),
            {"fields": ["minimum_amount", "starts_at", "ends_at", "max_redemptions"]},
        ),
        (None, {"fields": ["is_active", "times_redeemed"], "description": WHAT_EDITING_DOES}),
    ]

    @admin.display(description=_("redeemed"))
    def redeemed(self, discount: Discount) -> str:
        limit = discount.max_redemptions
        return f"{discount.times_redeemed} / {'∞' if limit is None else limit}"


@admin.register(Tax)
class TaxAdmin(admin.ModelAdmin):
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
                "description": WHAT_EDITING_DOES,
            },
        )
    ]
