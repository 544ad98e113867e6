"""Export and import of items in the admin: a file is checked, shown, and then imported."""

import secrets
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from store.item_import import AlreadyImported, ChangedMeanwhile, carry_out, fingerprint
from store.item_plan import ImportPlan, plan
from store.item_rows import COLUMNS, named, rows
from store.tables import MAX_XLSX_ROWS, Unreadable, as_file, read
from web.http import SeeOther

MAX_FILE_BYTES = 10_000_000
# The rows go through the page, signed and packed. Django reads fields of 2.5 MB together.
MAX_PACKED_LENGTH = 2_000_000
PACKED_SECONDS = 60 * 60
SALT = "store.item_files"
MOST_SHOWN = 100  # mistakes, and changes


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX, at most 10 MB."))
    adds_unknown = forms.BooleanField(
        label=_("Add items whose id the shop doesn’t have"),
        required=False,
        help_text=_("For a file from another shop: the items get new ids."),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if PurePath(file.name or "").suffix.lower() not in (".csv", ".xlsx"):
            raise ValidationError(gettext("Choose a file that ends in .csv or .xlsx."))
        if (file.size or 0) > MAX_FILE_BYTES:
            raise ValidationError(gettext("The file is larger than 10 MB. Split it."))
        return file


class ItemFiles(admin.ModelAdmin):
    """The links of the list and their pages."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_items), name="store_item_import"),
            path("export.<str:file_format>", wrap(self.export_items), name="store_item_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"can_import": self.has_import_permission(request)} | (extra_context or {})
        return super().changelist_view(request, context)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def export_items(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        """The items that the list shows with the same filters and search."""
        return require_safe(self._exported)(request, file_format)

    def _exported(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        if file_format not in ("csv", "xlsx"):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        item_list = SeeOther(reverse("admin:store_item_changelist"))
        try:
            items = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return item_list
        if file_format == "xlsx" and items.order_by()[: MAX_XLSX_ROWS + 1].count() > MAX_XLSX_ROWS:
            text = gettext("XLSX files have at most %(count)d rows. Use CSV, or filter the list.")
            messages.error(request, text % {"count": MAX_XLSX_ROWS})
            return item_list
        return as_file(rows(items), "items", file_format)

    def import_items(self, request: HttpRequest) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        if "packed" in request.POST:
            return self._confirmed(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self._page(request, form)
        file, adds_unknown = form.cleaned_data["file"], form.cleaned_data["adds_unknown"]
        try:
            table = named(read(file.name, file.read()))
        except Unreadable as error:
            form.add_error("file", str(error))
            return self._page(request, form)
        sent = {"table": table, "adds_unknown": adds_unknown, "key": secrets.token_hex(4)}
        return self._preview(request, {**sent, "name": file.name})

    def _preview(self, request: HttpRequest, sent: dict[str, Any]) -> HttpResponse:
        """Show the mistakes of the file, or what it would change."""
        result = plan(sent["table"], adds_unknown=sent["adds_unknown"])
        form = ImportForm(initial=sent)
        packed = signing.dumps({**sent, "seen": fingerprint(result)}, salt=SALT, compress=True)
        if len(packed) > MAX_PACKED_LENGTH:
            messages.error(request, gettext("The file has too much text. Split it."))
            return self._page(request, form)
        return self._page(request, form, plan=result, packed=packed, name=sent["name"])

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        try:
            sent = signing.loads(request.POST["packed"], salt=SALT, max_age=PACKED_SECONDS)
        except signing.BadSignature:
            messages.error(request, gettext("Too much time has passed. Choose the file again."))
            return SeeOther(reverse("admin:store_item_import"))
        result = plan(sent["table"], adds_unknown=sent["adds_unknown"])
        message = gettext("Imported from the file “%(name)s” (import %(key)s).") % sent
        try:
            if result.mistakes or fingerprint(result) != sent["seen"]:
                raise ChangedMeanwhile
            carry_out(result, user=request.user, message=message)
        except ChangedMeanwhile:
            text = gettext("Items were changed meanwhile, so nothing was imported. Check it again.")
            messages.warning(request, text)
            return self._preview(request, sent)
        except AlreadyImported:
            messages.info(request, gettext("The file was imported already."))
        else:
            text = gettext("The file was imported: %(counts)s.") % {"counts": in_words(result)}
            messages.success(request, text)
        return SeeOther(reverse("admin:store_item_changelist"))

    def _page(self, request: HttpRequest, form: ImportForm, **values: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import items"),
            "opts": self.opts,
            "form": form,
            "columns": COLUMNS,
            "most_shown": MOST_SHOWN,
            **values,
        }
        if result := values.get("plan"):
            context["summary"] = in_words(result)
        return render(request, "admin/store/item/import.html", context)


def in_words(result: ImportPlan) -> str:
    counted = [
        ngettext("%(count)d new item", "%(count)d new items", result.new_count)
        % {"count": result.new_count},
        ngettext("%(count)d changed item", "%(count)d changed items", result.changed_count)
        % {"count": result.changed_count},
        ngettext("%(count)d unchanged item", "%(count)d unchanged items", result.unchanged)
        % {"count": result.unchanged},
    ]
    return ", ".join(counted)
