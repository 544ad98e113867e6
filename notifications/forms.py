import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cart.models import MAX_EMAIL_LENGTH

NUMBER = re.compile(r"([0-9A-Z]{4})([0-9A-Z]{4})")
NOT_A_NUMBER = _("An order number looks like 7K3F-9QXM.")


class FindOrderForm(forms.Form):
    number = forms.CharField(max_length=20, error_messages={"required": NOT_A_NUMBER})
    email = forms.EmailField(max_length=MAX_EMAIL_LENGTH)

    def clean_number(self) -> str:
        """Small letters are accepted, and any hyphen, space or none."""
        typed = re.sub(r"[\s\-–—‐‑#]", "", self.cleaned_data["number"]).upper()
        if (found := NUMBER.fullmatch(typed)) is None:
            raise ValidationError(NOT_A_NUMBER)
        return f"{found[1]}-{found[2]}"
