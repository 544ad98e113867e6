"""What happened to an order or a payment, step by step. Rows are added, never changed."""

from collections.abc import Mapping, Set

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.models.cause import MAX_DETAIL_LENGTH, HistoryKind
from cart.models.order import Order
from cart.models.state import STEPS, State


def legal_steps[S: str](steps: Mapping[S, Set[S]]) -> Q:
    """Return a condition for history rows: a legal step, or a note, which keeps the state."""
    legal = Q(from_state=F("to_state"))
    for state, following in steps.items():
        for to in sorted(following):
            legal |= Q(from_state=str(state), to_state=str(to))
    return legal


class CausedStep(models.Model):
    """The common fields of the histories of orders and payments."""

    from_state: models.CharField
    to_state: models.CharField
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("cause"), max_length=20, choices=HistoryKind)
    reference = models.CharField(_("reference"), max_length=255, blank=True)
    detail = models.CharField(_("detail"), max_length=MAX_DETAIL_LENGTH, blank=True)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}: {self.cause}"

    @property
    def cause(self) -> str:
        """Kind, reference and detail as one text, in the language of the request."""
        return " ".join(filter(None, [self.get_kind_display(), self.reference, self.detail]))


class OrderStep(CausedStep):
    """One step of an order, or a note about it."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="history")
    from_state = models.CharField(_("from"), max_length=10, choices=State)
    to_state = models.CharField(_("to"), max_length=10, choices=State)

    class Meta(CausedStep.Meta):
        verbose_name = _("step")
        verbose_name_plural = _("history")
        constraints = [
            models.CheckConstraint(condition=legal_steps(STEPS), name="order_step_legal")
        ]
