from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.models import IllegalStep, Order, legal_steps
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


# The legal steps, drawn in docs/states.md. An attempt that was given up can still bring money.
PAYMENT_STEPS = {
    PaymentState.OPEN: {
        PaymentState.PROCESSING,
        PaymentState.SUCCEEDED,
        PaymentState.EXPIRED,
        PaymentState.FAILED,
    },
    PaymentState.PROCESSING: {PaymentState.SUCCEEDED, PaymentState.FAILED},
    PaymentState.EXPIRED: {PaymentState.SUCCEEDED},
    PaymentState.FAILED: {PaymentState.SUCCEEDED},
    PaymentState.SUCCEEDED: set[PaymentState](),
}
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
    # Given back, in minor units; what Stripe's dashboard gave back too.
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=10, choices=PaymentState, default=PaymentState.OPEN
    )
    # When the hold ends; a session is told so, and the same again when the call is repeated.
    expires_at = models.DateTimeField(_("expires"))
    # Of the press that began it: in Stripe's metadata, and the same when the call is repeated.
    request_id = models.CharField(_("request id"), max_length=32, blank=True)
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
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0), name="payment_refunded_not_negative"
            ),
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

    @property
    def is_refundable(self) -> bool:
        """Whether some of its money can go back. An order over nothing has no intent."""
        return (
            self.state == PaymentState.SUCCEEDED
            and bool(self.intent_id)
            and self.refunded_amount < self.amount
        )

    @contextmanager
    def locked(self) -> Iterator[tuple[Order, "Payment"]]:
        """Opens a transaction, locks the order and then this payment, and yields both anew."""
        with transaction.atomic():
            order = Order.objects.select_for_update().get(pk=self.order_id)
            yield order, Payment.objects.select_for_update().get(pk=self.pk)

    def step(self, to: PaymentState, *, at: datetime, why: str) -> None:
        """Goes to the next state, in memory and in the database, and writes it into the history.

        Call it with the order's row locked. Raises IllegalStep where `to` does not follow the
        present state, or the row has gone on to another one.
        """
        before = self.state
        if to not in PAYMENT_STEPS[PaymentState(before)]:
            raise IllegalStep(f"payment {self} can't go from {before} to {to}")
        if not Payment.objects.filter(pk=self.pk, state=before).update(state=to):
            raise IllegalStep(f"payment {self} is not {before} any more")
        self.state = to
        self.save()
        self.history.create(at=at, from_state=before, to_state=to, why=why)


class PaymentStep(models.Model):
    """One step of a payment: when, from, to and why. Rows are added, never changed."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="history")
    at = models.DateTimeField(_("time"))
    from_state = models.CharField(_("from"), max_length=10, choices=PaymentState)
    to_state = models.CharField(_("to"), max_length=10, choices=PaymentState)
    # An event's id, a member of staff, the reconciler, or a press of a button.
    why = models.CharField(_("why"), max_length=300)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("payment step")
        verbose_name_plural = _("history of the payments")
        constraints = [
            models.CheckConstraint(condition=legal_steps(PAYMENT_STEPS), name="payment_step_legal")
        ]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}: {self.why}"
