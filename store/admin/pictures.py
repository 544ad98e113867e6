from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse

from store.models import Picture
from store.pictures.cleaning import MAX_SIDE
from store.pictures.fields import PictureField, clean_uploads
from web.concurrent_edits import ConcurrentEditForm

MAX_PICTURES = 20


class WithPictures(admin.ModelAdmin):
    """A form with pictures, which are read before its transaction begins."""

    max_side = MAX_SIDE

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        clean_uploads(request, max_side=self.max_side)
        return super().changeform_view(request, *args, **kwargs)


class PictureForm(ConcurrentEditForm):
    class Meta:
        model = Picture
        fields = ["image", "alternative", "position"]
        field_classes = {"image": PictureField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the fields for screen readers: Django only names the columns."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label


class PictureFormSet(BaseInlineFormSet):
    def _should_delete_form(self, form: Any) -> bool:
        """Ignore a picture that somebody has deleted since the form was opened."""
        is_gone = form in self.initial_forms and form.instance.pk is None
        return is_gone or super()._should_delete_form(form)  # type: ignore[misc]  # not in the stubs


class PictureInline(admin.TabularInline):
    """The pictures in the form of an item."""

    model = Picture
    form = PictureForm
    formset = PictureFormSet
    extra = 1
    max_num = MAX_PICTURES
