"""The import of items in the admin: a file is checked, shown, and then imported."""

import secrets
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from store.admin.pictures import PICTURE_RIGHTS
from store.item_import import AlreadyImported, ChangedMeanwhile, carry_out, fingerprint
from store.item_pictures import StoredFile
from store.item_plan import ImportPlan, plan
from store.item_rows import COLUMNS, ItemRow
from store.item_upload import are_stored, discard, read_items
from store.pictures.fields import MAX_BYTES_TOGETHER
from store.tables import MAX_FILE_BYTES, Unreadable
from web.http import SeeOther

KINDS = (".csv", ".xlsx", ".zip")
# The rows go through the page, signed and packed. Django reads fields of 2.5 MB together.
MAX_PACKED_LENGTH = 2_000_000
# Less than UNUSED_AFTER in store/pictures/unused.py: new pictures are unused until then.
PACKED_SECONDS = 30 * 60
SALT = "store.item_files"
MOST_SHOWN = 100  # mistakes, changes, and files that no row names


class TableInput(forms.FileInput):
    """Its script refuses large files before they are sent."""

    media = forms.Media(js=["js/pictures.js"])

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        limits = {
            "accept": ",".join(KINDS),
            "data-most-bytes": MAX_BYTES_TOGETHER,
            "data-too-large": _too_large(),
        }
        return super().get_context(name, value, (attrs or {}) | limits)


def _too_large() -> str:
    return gettext("The file is larger than 25 MB. Send the items in several zip files.")


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=TableInput,
        help_text=_(
            "CSV or XLSX, at most 10 MB. Or a zip file of at most 25 MB with one of them and the"
            " pictures that it names."
        ),
    )
    adds_unknown = forms.BooleanField(
        label=_("Add items whose id the shop doesn’t have"),
        required=False,
        help_text=_("For a file from another shop: the items get new ids."),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        kind = PurePath(file.name or "").suffix.lower()
        if kind not in KINDS:
            raise ValidationError(gettext("Choose a file that ends in .csv, .xlsx or .zip."))
        if kind == ".zip" and (file.size or 0) > MAX_BYTES_TOGETHER:
            raise ValidationError(_too_large())
        if kind != ".zip" and (file.size or 0) > MAX_FILE_BYTES:
            raise ValidationError(gettext("The file is larger than 10 MB. Split it."))
        return file


class ItemImport(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_items)
        return [path("import/", view, name="store_item_import"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"can_import": self.has_import_permission(request)} | (extra_context or {})
        return super().changelist_view(request, context)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def import_items(self, request: HttpRequest) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        if "packed" in request.POST:
            return self._confirmed(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self._page(request, form)
        file, at = form.cleaned_data["file"], timezone.now().timestamp()
        try:
            table, others = read_items(file)
        except Unreadable as error:
            form.add_error("file", str(error))
            return self._page(request, form)
        sent = {"table": table, "adds_unknown": form.cleaned_data["adds_unknown"], "at": at}
        sent |= {"key": secrets.token_hex(4), "name": file.name}
        return self._preview(request, sent, others)

    def _preview(
        self, request: HttpRequest, sent: dict[str, Any], others: Sequence[str] | None = None
    ) -> HttpResponse:
        """Show the mistakes of the file, or what it would change.

        `others` are the files that no row names; None if the file was checked before.
        """
        result = plan(sent["table"], adds_unknown=sent["adds_unknown"])
        form = ImportForm(initial=sent)
        packed = signing.dumps({**sent, "seen": fingerprint(result)}, salt=SALT, compress=True)
        refusal = ""
        if len(packed) > MAX_PACKED_LENGTH:
            refusal = gettext("The file has too much text. Split it.")
        elif not may_carry_out(request, result):
            refusal = gettext("You can’t change pictures. Remove the column “pictures”.")
        # The pictures of a file that was checked before may have been imported by now.
        if (refusal or result.mistakes) and others is not None:
            discard(sent["table"])
        if refusal:
            messages.error(request, refusal)
            return self._page(request, form)
        values = {"plan": result, "packed": packed, "name": sent["name"], "others": others}
        return self._page(request, form, **values)

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        sent = unpacked(request.POST["packed"])
        if sent is None:
            messages.error(request, gettext("Too much time has passed. Choose the file again."))
            return SeeOther(reverse("admin:store_item_import"))
        result = plan(sent["table"], adds_unknown=sent["adds_unknown"])
        if not may_carry_out(request, result):  # the form was made for somebody else
            raise PermissionDenied
        name = f"{sent['name']} ({sent['key']})"
        try:
            if result.mistakes or fingerprint(result) != sent["seen"]:
                raise ChangedMeanwhile
            carry_out(result, user=request.user, name=name)
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


def may_carry_out(request: HttpRequest, result: ImportPlan) -> bool:
    """Whether the user has the rights for pictures, if the import changes some."""
    changes_pictures = any(each.pictures for each in result.changes)
    return not changes_pictures or request.user.has_perms(PICTURE_RIGHTS)


def unpacked(text: str) -> dict[str, Any] | None:
    """What the form of a preview sends back; None if it is too old."""
    try:
        sent: dict[str, Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    sent["table"] = [_row(*values) for values in sent["table"]]
    is_old = timezone.now().timestamp() - sent["at"] > PACKED_SECONDS
    return None if is_old or not are_stored(sent["table"]) else sent


def _row(number: int, cells: dict[str, str], extra: str, files: dict[str, list[Any]]) -> ItemRow:
    return ItemRow(number, cells, extra, {key: StoredFile(*file) for key, file in files.items()})


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
