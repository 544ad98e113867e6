from django.db import models
from django.utils.translation import gettext_lazy as _


class ReceivedEvent(models.Model):
    """An event from Stripe that has been handled. Its effect is stored in the same transaction."""

    account = models.CharField(_("account"), max_length=10)
    livemode = models.BooleanField(_("live"))
    event_id = models.CharField(_("Stripe id"), max_length=255)
    type = models.CharField(_("type"), max_length=100)
    object_id = models.CharField(_("about"), max_length=255)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "livemode", "event_id"], name="event_once_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
