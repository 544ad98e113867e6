"""The export of items in the admin."""

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from store.item_rows import oldest_first, rows
from store.tables import MAX_XLSX_ROWS, as_file
from store.zip_files import TooLarge, zip_of
from web.http import SeeOther


class ItemExport(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_items)
        export = path("export.<str:file_format>", view, name="store_item_export")
        return [export, *super().get_urls()]

    def export_items(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        """The items that the list shows with the same filters and search."""
        return require_safe(self._exported)(request, file_format)

    def _exported(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        if file_format not in ("csv", "xlsx", "zip"):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        item_list = SeeOther(reverse("admin:store_item_changelist"))
        try:
            items = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return item_list
        if file_format != "csv" and items.order_by()[: MAX_XLSX_ROWS + 1].count() > MAX_XLSX_ROWS:
            text = gettext(
                "%(kind)s files have at most %(count)d rows. Use CSV, or filter the list."
            )
            messages.error(request, text % {"kind": file_format.upper(), "count": MAX_XLSX_ROWS})
            return item_list
        if file_format != "zip":
            return as_file(rows(oldest_first(items)), "items", file_format)
        try:
            file = zip_of(oldest_first(items))
        except TooLarge as error:
            messages.error(request, str(error))
            return item_list
        return FileResponse(file, as_attachment=True, filename="items.zip")
