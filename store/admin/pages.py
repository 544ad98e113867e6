from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from store.admin.slugs import SLUG_ERRORS
from store.models import Page
from web.concurrent_edits import ConcurrentEditForm
from web.concurrent_lists import ConcurrentList, ListForm


class PageForm(ConcurrentEditForm):
    class Meta:
        model = Page
        fields = ["title", "slug", "text", "position", "is_in_footer"]
        error_messages = {"slug": SLUG_ERRORS}


class PageListForm(ListForm):
    class Meta:
        model = Page
        fields = ["position", "is_in_footer"]


@admin.register(Page)
class PageAdmin(ConcurrentList):
    form = PageForm
    list_form = PageListForm
    list_display = ["title", "slug", "position", "is_in_footer", "text_state"]
    list_editable = ["position", "is_in_footer"]
    prepopulated_fields = {"slug": ["title"]}

    @admin.display(description=_("text"), ordering="is_sample")
    def text_state(self, page: Page) -> str:
        return gettext("still the sample") if page.is_sample else gettext("your own")

    def view_on_site(self, page: Page) -> str:
        return page.get_absolute_url()

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        if "text" in form.changed_data:
            obj.is_sample = False
        super().save_model(request, obj, form, change)
