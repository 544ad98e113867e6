from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Mails")

    def ready(self) -> None:
        from notifications import outbox

        outbox.connect()
