from typing import Any

from django import forms
from django.contrib import admin

from store.models import Picture


class PictureField(forms.ImageField):
    def to_python(self, data: Any) -> Any:
        """Keep a string: the hidden input has the name of the picture that was shown."""
        return data if isinstance(data, str) else super().to_python(data)


class PictureInline(admin.TabularInline):
    """The pictures in the form of an item."""

    model = Picture
    fields = ["image", "alternative", "position"]
    extra = 1
