"""Forms in the admin that don't overwrite what was changed while they were open."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from web.keys import as_key


class KeysInput(forms.HiddenInput):
    """One hidden input for all chosen rows: Django refuses a form with more than 1,000 inputs."""

    def format_value(self, value: Any) -> str:
        return ",".join(str(key) for key in value or [])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [key for key in data.get(name, "").split(",") if as_key(key) is not None]


class ConcurrentEditForm(forms.ModelForm):
    """The form of a row that refuses to save, once, if a field was changed since it was opened.

    The page carries the value that each field had, in a hidden input. The refusal shows both values
    at the field: a value that was typed stays in the form, any other field gets the stored value.

    A choice of several rows is never refused: saving adds and removes only what was chosen and
    unchosen in this form.
    """

    # The shop changes these fields too: that doesn't matter if nothing was typed there.
    changed_by_shop: Collection[str] = ()
    # What an empty value of these fields means; for other fields the refusal shows a dash.
    empty_texts: Mapping[str, Any] = {}
    # The fields with a choice of several rows.
    many: Collection[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for field in self.fields.values():
                field.show_hidden_initial = True
        for name in self._shown_choices:
            self.fields[name].hidden_widget = KeysInput

    def clean(self) -> dict[str, Any] | None:
        values = super().clean()
        if self.instance.pk is not None:
            self._refuse_changed_fields()
        return values

    @property
    def _shown_choices(self) -> list[str]:
        return [name for name in self.many if name in self.fields]

    def _save_m2m(self) -> None:
        chosen = {name: self.cleaned_data.pop(name) for name in self._shown_choices}
        super()._save_m2m()  # type: ignore[misc]  # not in the stubs
        for name, rows in chosen.items():
            keys = KeysInput().value_from_datadict(self.data, {}, self[name].html_initial_name)
            if not self.fields[name].show_hidden_initial:
                keys = []  # a new row: the form may show another one, which it is a copy of
            shown = set(map(int, keys))
            now = {row.pk for row in rows}
            getattr(self.instance, name).add(*(now - shown))
            getattr(self.instance, name).remove(*(shown - now))

    def _refuse_changed_fields(self) -> None:
        """Compare with the row, which stays locked until the admin's transaction ends.

        The page is rendered from `data`, so the stored values are written there.
        """
        rows = self._meta.model._default_manager.select_for_update()
        stored = type(self)(instance=rows.get(pk=self.instance.pk), prefix=self.prefix)
        edited, data = set(self.changed_data), QueryDict(mutable=True)
        data.update(self.data)
        for field in stored:
            if field.name not in self.many:
                self._compare(field, data, is_edited=field.name in edited)
        self.data = data

    def _compare(self, field: forms.BoundField, data: QueryDict, *, is_edited: bool) -> None:
        """Write a stored value that the page didn't show into `data`; refuse it unless agreed."""
        now = _hidden_inputs(field)
        shown = {name: _with_plain_newlines(data.get(name, "")) for name in now}
        # Django renders the hidden inputs of a date and time anew if this name isn't there.
        data.setdefault(field.html_initial_name, "")
        if shown == now:
            return
        _show_stored_value(field, data, is_edited=is_edited)
        if not self._is_agreed(field, is_edited=is_edited):
            empty = self.empty_texts.get(field.name, "—")
            values = {"shown": _in_words(shown, empty), "stored": _in_words(now, empty)}
            is_file = field.html_name in self.files
            self.add_error(field.name, _refusal(values, is_edited=is_edited, is_file=is_file))

    def _is_agreed(self, field: forms.BoundField, *, is_edited: bool) -> bool:
        """Whether both people typed the same value, or only the shop changed the field."""
        if is_edited:
            return not field.field.has_changed(field.initial, self[field.name].data)
        return field.name in self.changed_by_shop


class ConcurrentEdit(admin.ModelAdmin):
    """Writes only the fields that were changed in the form: the shop changes others meanwhile."""

    # Written with each change.
    always_written: Collection[str] = ("updated_at",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields={*form.changed_data, *self.always_written} - {*form.many})
        else:
            obj.save()


def _show_stored_value(field: forms.BoundField, data: QueryDict, *, is_edited: bool) -> None:
    """Write the stored value to the hidden inputs, and to the field unless it was edited."""
    inputs = _hidden_inputs(field)
    if not is_edited:
        data.pop(field.html_name, None)
        inputs |= _inputs(field.field.widget, field.html_name, field.initial)
    for name, value in inputs.items():
        data[name] = value


def _hidden_inputs(field: forms.BoundField) -> dict[str, str]:
    """The hidden inputs that carry the stored value of a field."""
    return _inputs(field.field.hidden_widget(), field.html_initial_name, field.initial)


def _inputs(widget: Any, name: str, value: Any) -> dict[str, str]:
    """The names and values that a browser sends for `value`; a box that isn't ticked has none."""
    if hasattr(widget, "widgets"):  # a date and a time
        parts = zip(widget.widgets_names, widget.widgets, widget.decompress(value), strict=True)
        sent: dict[str, str] = {}
        for suffix, part, each in parts:
            sent |= _inputs(part, name + suffix, each)
        return sent
    if isinstance(widget, forms.CheckboxInput):
        return {name: "on"} if value else {}
    formatted = widget.format_value(value)
    if isinstance(formatted, list):  # of a select
        formatted = formatted[0]
    return {name: _with_plain_newlines(str(formatted or ""))}


def _with_plain_newlines(text: str) -> str:
    """Browsers send other newlines than the page has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refusal(values: dict[str, str], *, is_edited: bool, is_file: bool) -> str:
    if is_file:  # the page can't send it again
        text = _(
            "This was changed from “%(shown)s” to “%(stored)s” while you edited. "
            "To replace that, choose your file again."
        )
    elif is_edited:
        text = _(
            "This was changed from “%(shown)s” to “%(stored)s” while you edited. "
            "Save again to replace that with your value."
        )
    else:
        text = _(
            "This was changed from “%(shown)s” to “%(stored)s” while you edited. "
            "The form has the new value now; check it and save again."
        )
    return text % values


def _in_words(inputs: dict[str, str], empty: Any) -> str:
    text = " ".join(inputs.values()).strip()
    return {"True": _("Yes"), "False": _("No"), "": str(empty)}.get(text, text)
