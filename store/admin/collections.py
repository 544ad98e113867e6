from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from store.admin.pictures import WithPictures
from store.admin.slugs import SLUG_ERRORS
from store.models import Collection, Item
from store.pictures.fields import PictureField
from web.concurrent_edits import ConcurrentEdit, ConcurrentEditForm
from web.concurrent_lists import ConcurrentList, ListForm

MAX_PICTURE_SIDE = 1600  # pixels
# Django refuses a form with more than 1,000 fields, and each chosen item is one.
MOST_ITEMS = 500


class CollectionForm(ConcurrentEditForm):
    many = ["items"]

    class Meta:
        model = Collection
        fields = ["name", "slug", "description", "picture", "position", "is_listed", "items"]
        field_classes = {"picture": partial(PictureField, max_side=MAX_PICTURE_SIDE)}
        error_messages = {"slug": SLUG_ERRORS}


class CollectionListForm(ListForm):
    class Meta:
        model = Collection
        fields = ["position", "is_listed"]


@admin.register(Collection)
class CollectionAdmin(ConcurrentList, WithPictures, ConcurrentEdit):
    form = CollectionForm
    list_form = CollectionListForm
    max_side = MAX_PICTURE_SIDE
    list_display = ["name", "link_to_items", "position", "is_listed", "slug"]
    list_editable = ["position", "is_listed"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["items"]
    search_fields = ["name__any_case"]

    def view_on_site(self, collection: Collection) -> str | None:
        return collection.get_absolute_url() if collection.is_listed else None

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Leave the links to the items out where they would be refused."""
        sees_items = admin.site.get_model_admin(Item).has_view_permission(request)
        return [name for name in self.list_display if sees_items or name != "link_to_items"]

    def get_fields(self, request: HttpRequest, obj: Collection | None = None) -> list[Any]:
        """Many items don't fit into the form; each item's form has its collections."""
        fields = list(CollectionForm.Meta.fields)
        if obj and obj.items.all()[MOST_ITEMS:].exists():
            fields[-1] = "many_items"
        return fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["many_items"]

    @admin.display(description=_("items"))
    def many_items(self, collection: Collection) -> str:
        return gettext("Too many to show here. Choose collections in the form of each item.")

    @admin.display(description=_("items"))
    def link_to_items(self, collection: Collection) -> SafeString:
        address = f"{reverse('admin:store_item_changelist')}?collection={collection.slug}"
        return format_html('<a href="{}">{}</a>', address, gettext("Show"))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name only the collections: their items stay, and may be thousands."""
        return [str(each) for each in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []
