from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StoreConfig(AppConfig):
    name = "store"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from store import any_case, search_index  # noqa: F401  # registers the lookup

        post_migrate.connect(search_index.prepare, sender=self)
