"""Lists in the admin whose fields two people edit at once."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseModelFormSet, BoundField, ModelForm, modelformset_factory
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html

from web.concurrent_edits import ConcurrentEditForm
from web.keys import as_key

PREFIX = "form"  # Django's names of the fields: form-0-id, form-0-price, …


class FieldWithColumn(BoundField):
    """A field after the name of its column, which a style sheet shows where it hides the head."""

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> Any:
        html = super().as_widget(widget, attrs, only_initial)
        if widget is not None or self.is_hidden:
            return html
        return format_html(
            '<label class="column" for="{}">{}</label> {}', self.id_for_label, self.label, html
        )


class ListForm(ConcurrentEditForm):
    """The fields of one row of a list; each names its column and its row for screen readers."""

    bound_field_class = FieldWithColumn

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_permitted = True  # a row in which nothing was typed isn't checked
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


class ListFormSet(BaseModelFormSet):
    """The rows of a list that still exist. If they were sent, they stay locked until the end."""

    def __init__(
        self, data: Any = None, files: Any = None, *, queryset: QuerySet, **kwargs: Any
    ) -> None:
        """Lock in the order of the keys, so that two transactions don't wait for each other."""
        if data is not None:
            queryset = queryset.order_by("pk").select_for_update(no_key=True)
        super().__init__(data, files, queryset=queryset, **kwargs)

    @cached_property
    def forms(self) -> list[ModelForm]:
        return [form for form in super().forms if form.instance.pk is not None]


class PostedRows(ChangeList):
    """After a refusal, shows the rows that were sent: the list may have other rows by then."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if request.method == "POST" and "_save" in request.POST:
            texts = [request.POST.get(f"{PREFIX}-{n}-id", "") for n in range(self.list_per_page)]
            keys = [key for text in texts if (key := as_key(text)) is not None]
            found = self.root_queryset.in_bulk(keys)
            self.result_list = [found[key] for key in keys if key in found]


class ConcurrentList(admin.ModelAdmin):
    """A list with `list_editable`, whose rows are compared as ConcurrentEditForm does."""

    list_form: type[ListForm]
    list_max_show_all = 0  # Django refuses a request with more than 1000 fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PostedRows

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return modelformset_factory(
            self.model,
            self.list_form,
            formset=ListFormSet,
            extra=0,
            fields=self.list_editable,
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Compare and save in one transaction, so that nobody changes the rows in between."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with transaction.atomic():
            return super().changelist_view(request, extra_context)
