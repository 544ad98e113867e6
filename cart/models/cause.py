from dataclasses import asdict, dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_DETAIL_LENGTH = 300


class HistoryKind(models.TextChoices):
    """What caused a row of the history. The comments say what `reference` and `detail` are."""

    BUY = "buy", _("Buy was pressed")
    OTHER_PAYMENT = "other_payment", _("another payment was chosen")
    CLOSED = "closed", _("the buyer stopped paying")
    EDIT = "edit", _("the buyer edited the cart")
    RETURN = "return", _("the buyer came back from Stripe")
    EVENT = "event", _("event")  # the event's Stripe id
    RECONCILER = "reconciler", _("reconciler")
    STRIPE_CALL = "stripe_call", _("Stripe’s answer")  # detail: what was wrong
    REFUND = "refund", _("refund")  # the refund's Stripe id or idempotency key
    DISPUTE = "dispute", _("dispute")  # the dispute's Stripe id
    STAFF = "staff", _("staff")  # the user's name
    # Of these three: the user's name. A tracking number leads to the buyer, so it isn't kept here.
    SHIPPED = "shipped", _("marked as shipped")
    TRACKING = "tracking", _("tracking changed")
    NOT_SHIPPED = "not_shipped", _("marked as not shipped")


@dataclass(frozen=True)
class Cause:
    """Why an order or a payment changed. `detail` is only for people to read."""

    kind: HistoryKind
    reference: str = ""
    detail: str = ""  # for people: an amount, an error's text

    def as_fields(self) -> dict[str, str]:
        """Return the fields of a history row, with a detail that fits its column."""
        return asdict(self) | {"detail": self.detail[:MAX_DETAIL_LENGTH]}
