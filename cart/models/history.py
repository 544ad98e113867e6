"""What happened to an order, step by step. Rows are added, never changed."""

from collections.abc import Mapping, Set

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.models.order import STEPS, Order, State


def legal_steps[S: str](steps: Mapping[S, Set[S]]) -> Q:
    """Only these pairs of states follow each other; in a note the state stays as it is."""
    legal = Q(from_state=F("to_state"))
    for state, following in steps.items():
        for to in sorted(following):
            legal |= Q(from_state=str(state), to_state=str(to))
    return legal


class OrderStep(models.Model):
    """One step of an order, or a note about it: when, from, to and why."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="history")
    at = models.DateTimeField(_("time"))
    from_state = models.CharField(_("from"), max_length=10, choices=State)
    to_state = models.CharField(_("to"), max_length=10, choices=State)
    # An event's id, a member of staff, the reconciler, a press of a button; or the note itself.
    why = models.CharField(_("why"), max_length=300)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("step")
        verbose_name_plural = _("history")
        constraints = [
            models.CheckConstraint(condition=legal_steps(STEPS), name="order_step_legal")
        ]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}: {self.why}"
