"""What is remembered of Stripe's own objects and events."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StripeObject(models.Model):
    """A coupon or tax rate at Stripe. They can't be changed there: an id stands for its values."""

    kind = models.CharField(_("kind"), max_length=10)
    account = models.CharField(_("account"), max_length=10)
    livemode = models.BooleanField(_("live"))
    fingerprint = models.CharField(_("values"), max_length=64)
    stripe_id = models.CharField(_("Stripe id"), max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "account", "livemode", "fingerprint"],
                name="stripe_object_once_per_values",
            )
        ]

    def __str__(self) -> str:
        return self.stripe_id


class StripeEvent(models.Model):
    """An event of Stripe's, written together with its effect or not at all."""

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
