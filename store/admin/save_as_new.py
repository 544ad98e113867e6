"""“Save as new” in the form of an item: another item with what the form shows."""

import re
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.files import File
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from store.admin.pictures import PICTURE_RIGHTS
from store.models import Item, Picture

PICTURE_KEY = re.compile(r"(pictures-\d+)-id")


class SaveAsNew(admin.ModelAdmin):
    """The new item gets copies of the pictures that the form shows."""

    save_as = True

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if item := self._original(request):
            _add_stored_files(request, {str(each.pk): each for each in item.pictures.all()})
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Keep the pictures in a form with errors: Django removes their keys."""
        if "_saveasnew" in request.POST:
            keys = {name: key for name, key in request.POST.items() if PICTURE_KEY.fullmatch(name)}
            for inline in context["inline_admin_formsets"]:
                inline.formset.data.update(keys)
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Item, *args: Any, **kwargs: Any) -> Any:
        """Say why the new item has no pictures."""
        response = super().response_add(request, obj, *args, **kwargs)
        original = self._original(request)
        is_without = original and original.pictures.exists() and not obj.pictures.exists()
        if is_without and not request.user.has_perms(PICTURE_RIGHTS):
            text = gettext("The pictures weren’t copied, because you can’t change pictures.")
            messages.warning(request, text)
        return response

    def _original(self, request: HttpRequest) -> Item | None:
        """The item in whose form the button was pressed."""
        match = request.resolver_match
        key = match.kwargs.get("object_id") if match and "_saveasnew" in request.POST else None
        return self.get_object(request, unquote(key)) if key else None


def _add_stored_files(request: HttpRequest, pictures: dict[str, Picture]) -> None:
    """Add the files that the form shows, as if they were sent again; the request closes them."""
    for name, key in request.POST.items():
        match = PICTURE_KEY.fullmatch(name)
        picture = pictures.get(str(key))
        if not match or not picture or f"{match[1]}-DELETE" in request.POST:
            continue
        field = f"{match[1]}-image"
        with suppress(FileNotFoundError):
            if field not in request.FILES:
                image: Any = picture.image.open("rb")
                image.cleaned = File(image, name=image.name)  # it was cleaned when it was stored
                request.FILES[field] = image
