from django.db import models
from django.utils.translation import gettext_lazy as _

from cart.models.order import Order


class StaffNote(models.Model):
    """A note by staff about an order. Buyers never see it."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="staff_notes")
    text = models.TextField(_("note"), max_length=2000)
    written_by = models.CharField(_("by"), max_length=150)
    written_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text
