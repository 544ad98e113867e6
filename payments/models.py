from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.models import Order
from store.money import CURRENCIES


class Kind(models.TextChoices):
    CHECKOUT = "checkout", _("Stripe Checkout")
    INTENT = "intent", _("Payment Intent")


class PaymentState(models.TextChoices):
    OPEN = "open", _("open")
    PROCESSING = "processing", _("on its way")
    SUCCEEDED = "succeeded", _("succeeded")
    EXPIRED = "expired", _("expired")
    FAILED = "failed", _("failed")


# An attempt in one of these states may still bring money.
PENDING = [PaymentState.OPEN, PaymentState.PROCESSING]


class Payment(models.Model):
    """One attempt to pay one order, at one Stripe account. Written before Stripe is called."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CHECKOUT)
    attempt = models.PositiveIntegerField(_("attempt"), default=1)
    account = models.CharField(_("account"), max_length=10)
    livemode = models.BooleanField(_("live"))
    # Of the Checkout Session or the Payment Intent; empty until Stripe has answered.
    stripe_id = models.CharField(_("Stripe id"), max_length=255, blank=True)
    # Of the intent that brought the money, a session's own one too: refunds and disputes name it.
    intent_id = models.CharField(_("intent"), max_length=255, blank=True, db_index=True)
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units of the currency."))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=10, choices=PaymentState, default=PaymentState.OPEN
    )
    # When the hold ends; a session is told so, and the same again when the call is repeated.
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in Kind]), name="payment_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in PaymentState]),
                name="payment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(CURRENCIES)), name="payment_currency_known"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.UniqueConstraint(
                fields=["order", "attempt"], name="payment_attempt_once_per_order"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=PENDING), name="payment_one_open_per_order"
            ),
            models.UniqueConstraint(
                fields=["account", "livemode", "stripe_id"],
                condition=~Q(stripe_id=""),
                name="payment_stripe_id_once",
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id or self.idempotency_key

    @property
    def idempotency_key(self) -> str:
        """The same for every repetition of this attempt's call, so that Stripe makes one object."""
        return f"{self.kind}:{self.order.token}:{self.attempt}"


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


class PressCount(models.Model):
    """How often one address pressed Buy in one minute. Gone with the next minute."""

    address = models.CharField(max_length=64)  # a hash of it
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "minute"], name="press_count_once_a_minute")
        ]

    def __str__(self) -> str:
        return f"{self.count} in minute {self.minute}"


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
