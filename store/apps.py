from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoreConfig(AppConfig):
    name = "store"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from store import any_case  # noqa: F401  # registers the lookup
