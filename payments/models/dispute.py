from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.models.payment import Payment


class Dispute(models.Model):
    """A payment that the buyer's bank disputes, as Stripe last showed it."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="disputes")
    stripe_id = models.CharField(_("Stripe id"), max_length=255, unique=True)
    # https://docs.stripe.com/api/disputes/object#dispute_object-status
    status = models.CharField(_("status"), max_length=40)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")

    def __str__(self) -> str:
        return f"{self.stripe_id}: {self.status}"
