"""The field of a form with which staff upload a picture."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.core.files import File
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from store.pictures.cleaning import MAX_BYTES, MAX_SIDE, cleaned, too_large

TYPES = "image/jpeg,image/png,image/webp,image/avif,image/gif"
# Less than a form of the admin may have (project/bodies.py).
MAX_BYTES_TOGETHER = 25_000_000
PREVIEW_WIDTH = 160


class PictureInput(AdminFileWidget):
    """Shows the stored picture. Its script refuses large files before they are sent."""

    use_fieldset = False  # a legend would name the group, but not the field

    class Media:
        js = ["js/pictures.js", "js/picture_order.js"]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        together = _("Together these files are too large. Save first, then add the others.")
        limits = {
            "accept": TYPES,
            "data-most-bytes": MAX_BYTES,
            "data-too-large": too_large(),
            "data-most-together": MAX_BYTES_TOGETHER,
            "data-too-large-together": together,
            "data-too-many": _("These are more pictures than an item can have. Choose fewer."),
            "data-move-up": _("Move up"),
            "data-move-down": _("Move down"),
        }
        return super().get_context(name, value, (attrs or {}) | limits)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        if not self.is_initial(value):
            return field
        row = value.instance
        small = row.url(PREVIEW_WIDTH) if hasattr(row, "widths") else value.url
        preview = '<a class="picture-preview" href="{}"><img src="{}" alt="{}"></a>{}'
        return format_html(preview, value.url, small, _("Stored picture"), field)


class PictureField(forms.FileField):
    """Gives the file that the shop stores instead of the one that was sent."""

    def __init__(self, *, max_side: int = MAX_SIDE, **kwargs: Any) -> None:
        self.max_side = max_side
        kwargs.pop("max_length", None)  # of the name, which the shop chooses
        super().__init__(**kwargs | {"widget": PictureInput})

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show the stored picture in a form with errors, also if it is saved as a new one."""
        return data if hasattr(data, "url") else initial

    def to_python(self, data: Any) -> Any:
        """Keep a string: the hidden input has the name of the picture that was shown."""
        file = data if isinstance(data, str) else super().to_python(data)
        if not file or isinstance(file, str):
            return file
        result = getattr(file, "cleaned", None) or _result(file, self.max_side)
        if isinstance(result, ValidationError):
            raise result
        return result


def clean_uploads(request: HttpRequest, *, max_side: int = MAX_SIDE) -> None:
    """Clean the pictures of a form before its transaction begins.

    It takes seconds, in which nobody else could write on SQLite.
    """
    for _name, files in request.FILES.lists():
        for file in files:
            file.cleaned = _result(file, max_side)  # type: ignore[attr-defined]


def _result(file: "File[bytes]", max_side: int) -> "File[bytes] | ValidationError":
    try:
        return cleaned(file, max_side=max_side)
    except ValidationError as error:
        return error
