from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cart.admin.amounts import AmountsForm
from cart.admin.effects import EFFECT_OF_CHANGES
from cart.models import Discount
from store.templatetags.money import money
from web.concurrent_edits import ConcurrentEdit

AMOUNTS = ("amount", "minimum_amount")


class DiscountAdminForm(AmountsForm):
    """Explain what the database would refuse."""

    amounts = AMOUNTS

    amount = forms.DecimalField(
        label=_("Amount"), required=False, max_digits=12, help_text=_("Like a price: 5.00.")
    )
    minimum_amount = forms.DecimalField(
        label=_("Minimum order"),
        required=False,
        min_value=0,
        max_digits=12,
        help_text=_("Like a price, before discount."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        required=False,
        help_text=_("The currency of the amount and of the minimum."),
    )

    class Meta:
        model = Discount
        fields = [
            *("code", "percent", "amount", "currency", "minimum_amount"),
            *("starts_at", "ends_at", "max_redemptions", "is_active"),
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        percent, amount = values.get("percent"), values.get("amount")
        if (percent is None) == (amount is None) and not self.errors:
            self.add_error("percent", _("Enter either a percentage or an amount."))
        if amount is not None and amount <= 0:
            self.add_error("amount", _("The amount must be more than zero."))
        self._read_redemptions()
        limit = values.get("max_redemptions")
        if isinstance(limit, int) and limit < self.instance.times_redeemed:
            self.add_error(
                "max_redemptions",
                _("The code has already been used more often than that. Enter a higher number."),
            )
        return values

    def _read_redemptions(self) -> None:
        """Read them again: buyers may have redeemed the code before the row was locked."""
        if self.instance.pk is not None:
            self.instance.refresh_from_db(fields=["times_redeemed"])


@admin.register(Discount)
class DiscountAdmin(ConcurrentEdit):
    form = DiscountAdminForm
    always_written = AMOUNTS  # in another currency the same number is another amount
    list_display = ["code", "reduction", "ends_at", "redeemed", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code"]
    readonly_fields = ["times_redeemed"]
    fieldsets = [
        (None, {"fields": ["code", "percent", "amount", "currency"]}),
        (
            _("Limits"),
            {"fields": ["minimum_amount", "starts_at", "ends_at", "max_redemptions"]},
        ),
        (None, {"fields": ["is_active", "times_redeemed"], "description": EFFECT_OF_CHANGES}),
    ]

    @admin.display(description=_("discount"))
    def reduction(self, discount: Discount) -> str:
        if discount.percent is not None:
            return f"{discount.percent.normalize():f} %"
        return money(discount.amount or 0, discount.currency)

    @admin.display(description=_("redeemed"))
    def redeemed(self, discount: Discount) -> str:
        limit = discount.max_redemptions
        return f"{discount.times_redeemed} / {'∞' if limit is None else limit}"
