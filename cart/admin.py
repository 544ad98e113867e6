from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cart.models import Discount, Tax
from cart.models.tax import MAX_TAXES
from cart.signals import tax_saved
from store.amount_errors import decimals_error
from store.countries import COUNTRIES, OFTEN_TYPED
from store.money import InvalidAmount, from_minor, to_minor
from store.templatetags.money import money
from web.concurrent_edits import ConcurrentEditForm

EFFECT_OF_CHANGES = _(
    "Open carts follow a change at once. Orders that are being paid, or are paid, keep the values "
    "that they were frozen with; the next purchase uses a new coupon or tax rate at Stripe."
)
AMOUNTS = ("amount", "minimum_amount")


class DiscountAdminForm(ConcurrentEditForm):
    """Offer the shop's currencies, and explain what the database would refuse.

    Amounts are entered in units of the currency, like prices, and stored in minor units.
    """

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        codes = {*settings.STRIPE_CURRENCIES, self.instance.currency} - {""}
        field.choices = [("", "—"), *((code, code) for code in sorted(codes))]
        for name in AMOUNTS:
            if (stored := getattr(self.instance, name)) is not None:
                self.initial[name] = from_minor(stored, self.instance.currency)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        percent, amount = values.get("percent"), values.get("amount")
        if (percent is None) == (amount is None) and not self.errors:
            self.add_error("percent", _("Enter either a percentage or an amount."))
        if amount is not None and amount <= 0:
            self.add_error("amount", _("The amount must be more than zero."))
        for name in AMOUNTS:
            if values.get(name) is not None:
                values[name] = self._in_minor_units(name, values)
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

    def _in_minor_units(self, name: str, values: dict[str, Any]) -> int | None:
        """Convert the amount of field `name`, or add an error and return None."""
        currency = values.get("currency")
        if not currency:
            self.add_error("currency", _("Choose the currency of the amount."))
            return None
        try:
            return to_minor(values[name], currency)
        except InvalidAmount:
            self.add_error(name, decimals_error(currency))
            return None


@admin.register(Discount)
class DiscountAdmin(admin.ModelAdmin):
    form = DiscountAdminForm
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

    def save_model(
        self, request: HttpRequest, obj: Discount, form: DiscountAdminForm, change: bool
    ) -> None:
        """Write only the changed fields: redemptions are counted while a merchant edits.

        The amounts are always written: in another currency the same number is another amount.
        """
        if change:
            obj.save(update_fields={*form.changed_data, *AMOUNTS})
        else:
            obj.save()

    @admin.display(description=_("discount"))
    def reduction(self, discount: Discount) -> str:
        if discount.percent is not None:
            return f"{discount.percent.normalize():f} %"
        return money(discount.amount or 0, discount.currency)

    @admin.display(description=_("redeemed"))
    def redeemed(self, discount: Discount) -> str:
        limit = discount.max_redemptions
        return f"{discount.times_redeemed} / {'∞' if limit is None else limit}"


class TaxAdminForm(ConcurrentEditForm):
    """Refuse what Stripe would refuse when somebody buys."""

    class Meta:
        model = Tax
        fields = [
            *("display_name", "percentage", "is_inclusive"),
            *("country", "is_active", "applies_by_default"),
        ]

    def clean_country(self) -> str:
        typed: str = self.cleaned_data["country"]
        code = OFTEN_TYPED.get(typed.upper(), typed.upper())
        if typed in COUNTRIES or not typed:
            return typed
        if code in COUNTRIES:
            message = _("Stripe doesn’t know the country “%(typed)s”. Type %(code)s.")
            raise ValidationError(message, params={"typed": typed, "code": code})
        message = _(
            "Stripe doesn’t know the country “%(typed)s”. Type its two capital letters, like DE "
            "for Germany, or leave the field empty."
        )
        raise ValidationError(message, params={"typed": typed})

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
