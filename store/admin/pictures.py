import re
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseForm, BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from store.models import Picture
from store.models.picture import MAX_PICTURES
from store.pictures.cleaning import MAX_SIDE
from store.pictures.fields import PictureField, clean_uploads
from web.concurrent_edits import ConcurrentEditForm
from web.keys import as_key

PICTURE_RIGHTS = ("store.add_picture", "store.change_picture", "store.delete_picture")


class WithPictures(admin.ModelAdmin):
    """A form with pictures, which are read before its transaction begins."""

    max_side = MAX_SIDE

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.has_change_permission(request) or self.has_add_permission(request):
            clean_uploads(request, max_side=self.max_side)
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form; with files it was refused, and a browser doesn't send them again."""
        _ask_for_files_again(context["adminform"].form)
        for inline in context["inline_admin_formsets"]:
            for form in inline.formset.forms:
                _ask_for_files_again(form)
        return super().render_change_form(request, context, *args, **kwargs)


def _ask_for_files_again(form: BaseForm) -> None:
    for field in form:
        is_sent = isinstance(form.files.get(field.html_name), UploadedFile)
        if is_sent and not field.errors:
            form.add_error(
                field.name, _("Nothing was saved yet: choose this picture again, then save.")
            )


class PictureForm(ConcurrentEditForm):
    class Meta:
        model = Picture
        fields = ["image", "alternative", "position"]
        field_classes = {"image": PictureField}

    def has_changed(self) -> bool:
        """A number alone makes no new picture."""
        is_new = self.instance.pk is None
        return super().has_changed() and not (is_new and self.changed_data == ["position"])


class PictureFormSet(BaseInlineFormSet):
    """The rows of the pictures, without those that somebody has deleted since it was opened.

    A file that was chosen in such a row becomes a new picture. A text that was typed in it is
    refused: it needs a file.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self._remove_deleted_rows()

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = None if index is None or not self.is_bound else self._key_of(index)
        if key in self._deleted_keys:
            # The page keeps the key, so that a second press gets the same explanation.
            form.fields["id"] = forms.IntegerField(
                disabled=True, initial=key, required=False, widget=forms.HiddenInput
            )
            form.fields["image"].error_messages["required"] = _(
                "Somebody has deleted this picture while you edited. To keep your text, choose a"
                " file; otherwise empty the text. Then save again."
            )

    def _key_of(self, row: int) -> int | None:
        return as_key(self.data.get(f"{self.prefix}-{row}-id") or "")

    @cached_property
    def _deleted_keys(self) -> set[int]:
        """The keys in the form whose pictures aren't stored any more."""
        rows = range(self.total_form_count()) if self.is_bound else ()
        keys = {key for row in rows if (key := self._key_of(row)) is not None}
        return keys - set(Picture.objects.filter(pk__in=keys).values_list("pk", flat=True))

    def _remove_deleted_rows(self) -> None:
        """Number the rows anew: stored pictures, new ones, files in rows without a picture."""
        first_new = self.initial_form_count()
        stored = {str(each.pk) for each in self.get_queryset()}
        old, new = range(first_new), range(first_new, self.total_form_count())
        kept = [row for row in old if self.data.get(f"{self.prefix}-{row}-id") in stored]
        if len(kept) == first_new:
            return
        edited = [row for row in old if row not in kept and self._is_edited(row)]
        rows = [*kept, *new, *edited]
        numbers = {str(row): number for number, row in enumerate(rows)}
        self.data = self._renumbered(cast(MultiValueDict[str, Any], self.data), numbers)
        self.files = self._renumbered(self.files or MultiValueDict(), numbers)
        self.data[f"{self.prefix}-INITIAL_FORMS"] = str(len(kept))
        self.data[f"{self.prefix}-TOTAL_FORMS"] = str(len(rows))
        del self.management_form  # it is read again

    def _is_edited(self, row: int) -> bool:
        """Whether a file was chosen or a text typed in this row of a stored picture."""
        text = f"{self.prefix}-{row}-alternative"
        is_typed = self.data.get(text) != self.data.get(f"initial-{text}")
        return is_typed or f"{self.prefix}-{row}-image" in self.files

    def _renumbered(
        self, sent: MultiValueDict[str, Any], numbers: dict[str, int]
    ) -> MultiValueDict[str, Any]:
        """What was sent, in which a row has the number that `numbers` gives for its old one."""
        result = MultiValueDict[str, Any]()
        for name, values in sent.lists():
            match = re.fullmatch(rf"((?:initial-)?{self.prefix}-)([0-9]+)(-.+)", name)
            if not match:
                result.setlist(name, values)
            elif match[2] in numbers:
                result.setlist(f"{match[1]}{numbers[match[2]]}{match[3]}", values)
        return result


class PictureInline(admin.StackedInline):
    """The pictures in the form of an item."""

    model = Picture
    form = PictureForm
    formset = PictureFormSet
    fields = [("image", "alternative", "position")]  # beside each other where there is room
    extra = 1
    max_num = MAX_PICTURES
