"""The admin's site: what a merchant needs each day comes first, on its first page and beside it."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from project.staff_login import LoginForm

# Django sorts by the names, so English began with "Authentication". Apps of an extension are 3.
PLACES = {"cart": 0, "store": 1, "notifications": 2, "auth": 4}


class MerchantSite(AdminSite):
    login_form = LoginForm

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Orders, catalogue, mails, extensions, users."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: PLACES.get(app["app_label"], 3))
