from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from store.admin.pictures import WithPictures
from store.countries import COUNTRIES, sorted_countries
from store.models import Shop
from store.pictures.fields import PictureField
from store.pictures.icons import make_icons
from web.concurrent_edits import ConcurrentEdit, ConcurrentEditForm
from web.http import SeeOther

MAX_LOGO_SIDE = 800  # pixels


class LogoField(PictureField):
    def __init__(self, *, help_text: Promise, **kwargs: Any) -> None:
        dark = _("Many buyers see the shop in dark colours: give a dark logo a light ground.")
        hint = format_lazy("{} {}", help_text, dark)
        super().__init__(max_side=MAX_LOGO_SIDE, help_text=hint, **kwargs)


class ShopForm(ConcurrentEditForm):
    country = forms.ChoiceField(label=_("Country"), required=False)

    class Meta:
        model = Shop
        fields = [
            *("name", "sentence", "logo", "accent_color", "email", "phone", "postal_address"),
            *("country", "tax_id", "staff_email", "notice"),
        ]
        field_classes = {"logo": LogoField}
        widgets = {
            "sentence": AdminTextInputWidget({"class": "vLargeTextField"}),
            "notice": AdminTextareaWidget({"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *sorted_countries(COUNTRIES)]


@admin.register(Shop)
class ShopAdmin(WithPictures, ConcurrentEdit):
    """The form of the only row. It has no list: the link to the list opens the form."""

    form = ShopForm
    max_side = MAX_LOGO_SIDE
    fieldsets = [
        (None, {"fields": ["name", "sentence", "logo", "accent_color"]}),
        (_("Contact"), {"fields": ["email", "phone", "postal_address", "country", "tax_id"]}),
        (_("Messages"), {"fields": ["notice", "staff_email"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.switch_closed)
        return [path("closed", view, name="store_shop_closed"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:store_shop_change", args=[1]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row is created when it is opened for the first time."""
        return Shop.objects.get_or_create(pk=1)[0] if object_id == "1" else None

    def save_model(self, request: HttpRequest, obj: Shop, form: ShopForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "logo" in form.changed_data and obj.logo:
            make_icons(obj.logo)

    def switch_closed(self, request: HttpRequest) -> HttpResponse:
        """Close or open the shop, as the pressed button says: a second press changes nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._set_closed(request, request.POST.get("is_closed") == "1")
        return SeeOther(reverse("admin:store_shop_change", args=[1]))

    def _set_closed(self, request: HttpRequest, is_closed: bool) -> None:
        shop = Shop.objects.get_or_create(pk=1)[0]
        if shop.is_closed == is_closed:
            return
        shop.is_closed = is_closed
        shop.save(update_fields=["is_closed", "updated_at"])
        text = gettext("The shop was closed.") if is_closed else gettext("The shop was opened.")
        self.log_change(request, shop, text)
        messages.success(request, text)
