from dataclasses import asdict, dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_DETAIL_LENGTH = 300


class HistoryKind(models.TextChoices):
    """What caused a row of the history; the comment says what its reference names."""

    BUY = "buy", _("Buy was pressed")
    OTHER_PAYMENT = "other_payment", _("another payment was chosen")
    EDIT = "edit", _("the buyer edited the cart")
    RETURN = "return", _("the buyer came back from Stripe")
    EVENT = "event", _("event")  # the event's Stripe id
    RECONCILER = "reconciler", _("reconciler")
    STRIPE_CALL = "stripe_call", _("Stripe’s answer")  # what was wrong is in the detail
    REFUND = "refund", _("refund")  # the refund's Stripe id or idempotency key
    DISPUTE = "dispute", _("dispute")  # the dispute's Stripe id
    STAFF = "staff", _("staff")  # the user's name


@dataclass(frozen=True)
class Cause:
    """Why an order or a payment changed. No code decides anything by `detail`."""

    kind: HistoryKind
    reference: str = ""
    detail: str = ""  # for people: an amount, an error's text

    def as_fields(self) -> dict[str, str]:
        return asdict(self) | {"detail": self.detail[:MAX_DETAIL_LENGTH]}
