import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.models import OrderLine
from payments.models.payment import Payment
from store.money import format_money


class RefundState(models.TextChoices):
    """The state at Stripe: https://docs.stripe.com/api/refunds/object#refund_object-status"""

    REQUESTED = "requested", _("requested")  # stored; Stripe has not answered yet
    PENDING = "pending", _("on its way")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    CANCELED = "canceled", _("cancelled")


# At Stripe this money has been refunded, or is on its way to the buyer.
REFUNDED_OR_PENDING = [RefundState.PENDING, RefundState.SUCCEEDED]
# This money can't be refunded a second time.
REFUNDED_OR_REQUESTED = [RefundState.REQUESTED, *REFUNDED_OR_PENDING]
# The state of these can still change at Stripe.
IN_FLIGHT = [RefundState.REQUESTED, RefundState.PENDING]


class RefundReason(models.TextChoices):
    """The reasons that Stripe knows: https://docs.stripe.com/api/refunds/create"""

    REQUESTED_BY_CUSTOMER = "requested_by_customer", _("requested by the buyer")
    DUPLICATE = "duplicate", _("paid twice")
    FRAUDULENT = "fraudulent", _("fraudulent")


class Refund(models.Model):
    """A refund of one payment, requested by staff here or made in Stripe's dashboard.

    A refund of 0 only gives pieces back, for example those of a free order. Stripe isn't asked.
    """

    # Identifies the request: a double click, or a call repeated after a crash, makes one refund.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, models.CASCADE, related_name="refunds")
    stripe_id = models.CharField(_("Stripe id"), max_length=255, blank=True)
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units of the currency."))
    reason = models.CharField(_("reason"), max_length=30, choices=RefundReason, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=RefundState, default=RefundState.REQUESTED
    )
    # What was proposed for shipping, in minor units; 0 unless the refund gives shipping back.
    shipping_amount = models.BigIntegerField(_("shipping"), default=0)
    # Whether its pieces return to the stock when Stripe has made the refund.
    restock = models.BooleanField(_("return to stock"), default=False)
    # The user's name; empty for a refund made in Stripe's dashboard.
    requested_by = models.CharField(_("requested by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                | Q(amount=0, shipping_amount=0, state=str(RefundState.SUCCEEDED), stripe_id=""),
                name="refund_of_0_is_not_at_stripe",
            ),
            models.CheckConstraint(
                condition=Q(shipping_amount__gte=0), name="refund_shipping_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in RefundState]),
                name="refund_state_known",
            ),
            models.UniqueConstraint(
                fields=["payment", "stripe_id"],
                condition=~Q(stripe_id=""),
                name="refund_stripe_id_once",
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id or self.idempotency_key

    @property
    def idempotency_key(self) -> str:
        """As for payments: see `Payment.idempotency_key`."""
        return f"refund:{self.key}"

    @property
    def formatted_amount(self) -> str:
        """For the history and for alerts, in the shop's own language."""
        return format_money(self.amount, self.payment.currency, settings.LANGUAGE_CODE)


class RefundLine(models.Model):
    """The pieces of one line that a refund gives back."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="refunds")
    quantity = models.PositiveIntegerField(_("quantity"))
    # What was proposed for these pieces. The refund's own amount may be another one.
    proposed_amount = models.BigIntegerField(_("proposed amount"))
    # The pieces that have returned to the stock; they stay there if the refund fails later.
    restocked_quantity = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("refunded pieces")
        verbose_name_plural = _("refunded pieces")
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="refund_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="refund_line_not_empty"),
            models.CheckConstraint(
                condition=Q(proposed_amount__gte=0), name="refund_line_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(restocked_quantity__lte=F("quantity")),
                name="refund_line_restocked_within_quantity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line.name}"
