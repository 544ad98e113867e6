from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.models.order import Order


class OrderAlert(models.Model):
    """Something about an order that staff must deal with. The row is kept afterwards."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="alerts")
    # One of payments.alerts.Alert; `reference` names the payment, refund or dispute.
    reason = models.CharField(_("reason"), max_length=40)
    reference = models.CharField(_("reference"), max_length=255, blank=True)
    message = models.TextField(_("what to do"))  # in the shop's own language
    raised_at = models.DateTimeField(_("raised"))
    resolved_at = models.DateTimeField(_("dealt with"), null=True, blank=True)
    resolved_by = models.CharField(_("dealt with by"), max_length=150, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [
            models.Index(
                fields=["order"], condition=Q(resolved_at=None), name="alert_not_dealt_with"
            )
        ]
        constraints = [
            # An alert that staff have dealt with isn't raised a second time.
            models.UniqueConstraint(
                fields=["order", "reason", "reference"], name="alert_once_per_reference"
            )
        ]

    def __str__(self) -> str:
        return self.message
