from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.models import Cause, CausedStep, IllegalStep, Order, legal_steps
from store.models import Shop
from store.money import CURRENCIES
from web.language import language_of_page

# Stripe documents no limit for this address.
MAX_INSTRUCTIONS_URL_LENGTH = 5000


class Kind(models.TextChoices):
    """How the buyer pays: on Stripe's page, or on the shop's page with the Payment Element."""

    CHECKOUT = "checkout", _("Stripe Checkout")
    INTENT = "intent", _("Payment Intent")


class PaymentState(models.TextChoices):
    OPEN = "open", _("open")
    PROCESSING = "processing", _("on its way")
    SUCCEEDED = "succeeded", _("succeeded")
    EXPIRED = "expired", _("expired")
    FAILED = "failed", _("failed")


# The legal steps, drawn in docs/states.md. Money can still arrive for an attempt that has ended.
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
# An attempt in one of these states is open at Stripe, or its money is on its way.
PENDING = [PaymentState.OPEN, PaymentState.PROCESSING]
# The buyer still has to pay a voucher or a bank transfer.
AWAITED = Q(state=PaymentState.PROCESSING, awaits_buyer=True)
UNPAID = Q(state=PaymentState.OPEN) | AWAITED
# A bank transfer of Stripe Checkout that has ended for the shop only: Stripe can't end it.
ENDED_BUT_PAYABLE = Q(state=PaymentState.FAILED, awaits_buyer=True)


def name_of_shop() -> str:
    """The shop's name, or "" before the merchant has given it one."""
    shop = Shop.current()
    return shop.name if shop.is_named else ""


class Payment(models.Model):
    """One attempt to pay one order, at one Stripe account. Written before Stripe is called."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CHECKOUT)
    attempt = models.PositiveIntegerField(_("attempt"), default=1)
    account = models.CharField(_("account"), max_length=10)
    livemode = models.BooleanField(_("live"))
    # The id of the Checkout Session or Payment Intent; empty until Stripe has answered.
    stripe_id = models.CharField(_("Stripe id"), max_length=255, blank=True)
    # The Payment Intent that was paid, also inside a session: refunds and disputes name it.
    intent_id = models.CharField(_("intent"), max_length=255, blank=True, db_index=True)
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units of the currency."))
    # In minor units, including refunds made in Stripe's dashboard.
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=10, choices=PaymentState, default=PaymentState.OPEN
    )
    # The end of the hold and of the session by our clock, and the seconds that were added for
    # Stripe's clock; a repeated call sends the same time. Later it is the end of
    # the voucher, or of the time for a bank transfer.
    expires_at = models.DateTimeField(_("expires"))
    clock_difference = models.IntegerField(_("clock difference"), default=0)
    # The buyer has confirmed a voucher or a bank transfer and must pay it now. A failed payment
    # keeps it if Stripe couldn't end the transfer: see ENDED_BUT_PAYABLE.
    awaits_buyer = models.BooleanField(_("waits for the buyer"), default=False)
    # Its order's pieces returned to the stock meanwhile (VOUCHERS_HOLD_STOCK).
    returned_stock = models.BooleanField(_("returned the stock"), default=False)
    # Stripe's page that says how to pay it, if there is one.
    instructions_url = models.URLField(
        _("instructions"), max_length=MAX_INSTRUCTIONS_URL_LENGTH, blank=True
    )
    # The coupon that only this attempt uses, until it is deleted
    # (payments/methods/attempt_coupons.py).
    coupon_id = models.CharField(max_length=40, blank=True, editable=False)
    # Identifies the request that began it in Stripe's metadata; a repeated call sends the same id.
    request_id = models.CharField(_("request id"), max_length=32, blank=True)
    # Of the page on which it began: Stripe's page and texts are in this language.
    language = models.CharField(_("language"), max_length=10, default=language_of_page)
    # In Stripe's texts; a repeated call sends the same name, also after the merchant changed it.
    shop_name = models.CharField(_("shop"), max_length=80, blank=True, default=name_of_shop)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            models.Index(fields=["stripe_id"], name="payment_stripe_id"),
            models.Index(fields=["state"], name="payment_state"),
            models.Index(
                fields=["coupon_id"], condition=Q(coupon_id__gt=""), name="payment_with_own_coupon"
            ),
        ]
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
        """The key with which Stripe creates one object, even if the call is repeated.

        https://docs.stripe.com/api/idempotent_requests
        """
        return f"{self.kind}:{self.order.number}:{self.attempt}"

    @property
    def is_awaited(self) -> bool:
        """Whether the buyer still has to pay a voucher or a bank transfer."""
        return self.state == PaymentState.PROCESSING and self.awaits_buyer

    @property
    def is_unpaid(self) -> bool:
        """Whether the buyer can still pay it, as in UNPAID."""
        return self.state == PaymentState.OPEN or self.is_awaited

    @property
    def expires_at_stripe(self) -> datetime:
        """The end of the session by Stripe's clock."""
        return self.expires_at + timedelta(seconds=self.clock_difference)

    @property
    def is_refundable(self) -> bool:
        """Whether some of it can be refunded. A payment over nothing has no intent."""
        return (
            self.state == PaymentState.SUCCEEDED
            and bool(self.intent_id)
            and self.refunded_amount < self.amount
        )

    @contextmanager
    def locked(self) -> Iterator[tuple[Order, "Payment"]]:
        """Lock the order and the payment, and read both, in a transaction around the block.

        All code locks the order's row first, so that two transactions can't block each other.
        """
        with transaction.atomic():
            order = Order.objects.select_for_update().get(pk=self.order_id)
            payment = Payment.objects.select_for_update().get(pk=self.pk)
            payment.order = order
            yield order, payment

    def step(self, to: PaymentState, *, at: datetime, cause: Cause, **changes: Any) -> None:
        """Go to the next state and set `changes` in one UPDATE, and write the history.

        Call it with the order's row locked. Raises IllegalStep where `to` doesn't follow the
        present state, or where the stored state is another one.
        """
        before = self.state
        if to not in PAYMENT_STEPS[PaymentState(before)]:
            raise IllegalStep(f"payment {self} can't go from {before} to {to}")
        changes |= {"state": to, "updated_at": at}
        if not Payment.objects.filter(pk=self.pk, state=before).update(**changes):
            raise IllegalStep(f"payment {self} is not {before} any more")
        for name, value in changes.items():
            setattr(self, name, value)
        self.history.create(at=at, from_state=before, to_state=to, **cause.as_fields())


class PaymentStep(CausedStep):
    """One step of a payment."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="history")
    from_state = models.CharField(_("from"), max_length=10, choices=PaymentState)
    to_state = models.CharField(_("to"), max_length=10, choices=PaymentState)

    class Meta(CausedStep.Meta):
        verbose_name = _("payment step")
        verbose_name_plural = _("history of the payments")
        constraints = [
            models.CheckConstraint(condition=legal_steps(PAYMENT_STEPS), name="payment_step_legal")
        ]
