import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.admin.amounts import AmountsForm
from cart.admin.effects import EFFECT_ON_SHIPPING
from cart.models import ShippingRate
from store.countries import SHIPPING_COUNTRIES, country_code, country_name
from store.templatetags.money import money

# A new rate, like an express parcel, isn't chosen for buyers instead of the one that they know.
AFTER_OTHERS = 100


class ShippingRateAdminForm(AmountsForm):
    amounts = ("amount", "free_from_amount")

    countries = forms.CharField(
        label=_("Countries"),
        widget=AdminTextInputWidget,
        required=False,
        help_text=_(
            "Codes or names with commas between them, like DE, AT. Empty: everywhere else, "
            "which is each country that no other rate of the currency names."
        ),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), help_text=_("Orders in this currency can be sent at this rate.")
    )
    amount = forms.DecimalField(
        label=_("Amount"), min_value=0, max_digits=12, help_text=_("Like a price: 5.00.")
    )
    free_from_amount = forms.DecimalField(
        label=_("Free from"),
        required=False,
        min_value=0,
        max_digits=12,
        help_text=_(
            "Like a price: shipping costs nothing if the items cost as much, after the discount."
        ),
    )

    class Meta:
        model = ShippingRate
        fields = [
            *("name", "countries", "currency", "amount", "free_from_amount"),
            *("delivery_time", "position", "is_active"),
        ]
        help_texts = {
            "position": _(
                "Lower numbers come first. The first rate is chosen until the buyer chooses "
                "another."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["countries"] = ", ".join(self.instance.countries)
        if not self.instance.pk:
            self.initial["position"] = AFTER_OTHERS

    def clean_countries(self) -> list[str]:
        """Return the codes. Raises ValidationError for what is no country that can be served."""
        typed = [part.strip() for part in re.split("[,;]", self.cleaned_data["countries"])]
        codes = [_served_code(part) for part in typed if part]
        return list(dict.fromkeys(codes))


def _served_code(typed: str) -> str:
    """The code of the country that a merchant typed as a code or a name."""
    code = country_code(typed)
    if not code:
        message = _(
            "There is no country “%(typed)s”. Type its two letters, like DE for Germany, and a "
            "comma before the next one."
        )
        raise ValidationError(message, params={"typed": typed})
    if code not in SHIPPING_COUNTRIES:
        message = _("Stripe doesn’t take addresses in this country: %(country)s. Remove it.")
        raise ValidationError(message, params={"country": country_name(code)})
    return code


@admin.register(ShippingRate)
class ShippingRateAdmin(admin.ModelAdmin):
    form = ShippingRateAdminForm
    list_display = [
        *("name", "shown_countries", "shown_amount", "shown_free_from"),
        *("delivery_time", "position", "is_active"),
    ]
    list_filter = ["is_active", "currency"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "countries", "delivery_time"]}),
        (_("Amounts"), {"fields": ["currency", "amount", "free_from_amount"]}),
        (None, {"fields": ["position", "is_active"], "description": EFFECT_ON_SHIPPING}),
    ]

    @admin.display(description=_("countries"))
    def shown_countries(self, rate: ShippingRate) -> str:
        return ", ".join(rate.countries) or gettext("everywhere else")

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, rate: ShippingRate) -> str:
        return money(rate.amount, rate.currency)

    @admin.display(description=_("free from"))
    def shown_free_from(self, rate: ShippingRate) -> str:
        amount = rate.free_from_amount
        return "—" if amount is None else money(amount, rate.currency)
