from django.contrib import admin

from store.models import Collection


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    fields = ["name", "slug", "description", "position", "is_listed", "items"]
    list_display = ["name", "slug", "position", "is_listed"]
    list_editable = ["position", "is_listed"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["items"]
    search_fields = ["name__any_case"]

    def view_on_site(self, collection: Collection) -> str:
        return collection.get_absolute_url()
