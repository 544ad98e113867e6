from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cart.models import MAX_QUANTITY
from store.models import Item

WHOLE_NUMBER = _("The quantity must be a whole number from 0 to 999.")
ONE_OR_MORE = _("The quantity must be a whole number from 1 to 999.")


def first_error(form: forms.BaseForm) -> str:
    """The message of an invalid form that is shown."""
    return str(next(iter(form.errors.values()))[0])


class QuantityField(forms.IntegerField):
    def __init__(self, *, min_value: int, **options: Any) -> None:
        message = ONE_OR_MORE if min_value else WHOLE_NUMBER
        options["error_messages"] = {"invalid": message}
        super().__init__(min_value=min_value, max_value=MAX_QUANTITY, **options)
        for validator in self.validators:
            validator.message = message  # type: ignore[attr-defined]

    def to_python(self, value: Any) -> int | None:
        """Accept digits only: “1.0” and “1e2” are refused, as “abc” is."""
        text = str(value or "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValidationError(self.error_messages["invalid"])
        return super().to_python(value)


class AddLineForm(forms.Form):
    item = forms.ModelChoiceField(
        Item.objects.listed(),
        error_messages={
            "invalid_choice": _("This item isn’t for sale any more. Choose another one."),
            "required": _("The form doesn’t say which item to add."),
        },
    )
    quantity = QuantityField(min_value=1, required=False)
    submission_id = forms.CharField(max_length=40, required=False)

    def clean_quantity(self) -> int:
        return self.cleaned_data["quantity"] or 1


class ChangeLineForm(forms.Form):
    """The buttons send `change`; the field sends `quantity`, and in `was` what it showed before."""

    change = forms.TypedChoiceField(
        choices=[("-1", ""), ("1", "")],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": WHOLE_NUMBER},
    )
    quantity = QuantityField(min_value=0, required=False)
    was = QuantityField(min_value=0, required=False)
    submission_id = forms.CharField(max_length=40, required=False)

    def clean(self) -> None:
        if self.cleaned_data.get("change") is None and self.cleaned_data.get("quantity") is None:
            raise ValidationError(WHOLE_NUMBER)

    def lowers(self) -> bool:
        """Whether it asks for one less, or for none: a line that is gone already does that."""
        return self.is_valid() and (
            self.cleaned_data["change"] == -1 or self.cleaned_data["quantity"] == 0
        )


class SeenAmountForm(forms.Form):
    """What the item's page said that one piece costs, and to which country it is sent.

    The amount is the total in minor units of `currency`.
    """

    seen_amount = forms.IntegerField(min_value=0, required=False)
    currency = forms.CharField(max_length=3, required=False)
    country = forms.CharField(max_length=2, required=False)


class ShippingForm(forms.Form):
    country = forms.CharField(error_messages={"required": _("Choose a country.")})
    shipping_rate = forms.IntegerField(required=False)


class DiscountCodeForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        error_messages={
            "required": _("Type a code, then press Apply."),
            "max_length": _("This code doesn’t exist. Check its spelling."),
        },
    )
