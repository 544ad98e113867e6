"""Amounts in forms of the admin: entered in units of a currency, like prices."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from store.amount_errors import decimals_error
from store.money import InvalidAmount, from_minor, maximum_amount, to_minor
from store.templatetags.money import money
from web.concurrent_edits import ConcurrentEditForm


class AmountsForm(ConcurrentEditForm):
    """Offer the shop's currencies, and store amounts in minor units.

    The form has the fields `currency` and those that `amounts` names.
    """

    amounts: Collection[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        codes = {*settings.STRIPE_CURRENCIES, self.instance.currency} - {""}
        field.choices = [("", "—"), *((code, code) for code in sorted(codes))]
        for name in self.amounts:
            if (stored := getattr(self.instance, name)) is not None:
                self.initial[name] = from_minor(stored, self.instance.currency)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in self.amounts:
            if values.get(name) is not None and "currency" in values:
                values[name] = self._in_minor_units(name, values)
        return values

    def _in_minor_units(self, name: str, values: dict[str, Any]) -> int | None:
        """Convert the amount of field `name`, or add an error and return None."""
        currency = values.get("currency")
        if not currency:
            self.add_error("currency", _("Choose the currency of the amount."))
            return None
        try:
            amount = to_minor(values[name], currency)
        except InvalidAmount:
            self.add_error(name, decimals_error(currency))
            return None
        highest = maximum_amount(currency)
        if amount > highest:
            text = gettext("The amount must be at most %(highest)s, like the total of an order.")
            self.add_error(name, text % {"highest": money(highest, currency)})
            return None
        return amount
