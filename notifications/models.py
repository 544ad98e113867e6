"""The outbox: one row for each mail, written in the transaction that caused it."""

from datetime import datetime, timedelta
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cart.models import MAX_EMAIL_LENGTH, Order
from store.models import Item


class MailReason(models.TextChoices):
    """Why a mail is sent. Its text is the template of this name in templates/notifications/."""

    ORDER_CONFIRMED = "order_confirmed", _("order confirmation")
    PAYMENT_PROCESSING = "payment_processing", _("payment on its way")
    PAYMENT_FAILED = "payment_failed", _("payment failed")
    SHIPPED = "shipped", _("shipped")
    REFUNDED = "refunded", _("refunded")
    RECEIPT_LINK = "receipt_link", _("link to the receipt")
    NEW_ORDER = "new_order", _("to staff: new order")
    NEEDS_ATTENTION = "needs_attention", _("to staff: needs attention")
    DISPUTE = "dispute", _("to staff: dispute")
    LOW_STOCK = "low_stock", _("to staff: low stock")


OVERDUE_AFTER = timedelta(minutes=10)
TO_STAFF = [
    MailReason.NEW_ORDER,
    MailReason.NEEDS_ATTENTION,
    MailReason.DISPUTE,
    MailReason.LOW_STOCK,
]


class MailState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    # By the time it could be sent, it wasn't true any more.
    DROPPED = "dropped", _("not needed any more")


def new_message_id() -> str:
    """A Message-ID that is the same however often the mail is sent."""
    return make_msgid(domain=urlsplit(settings.BASE_URL).hostname)


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, at: datetime) -> "MailQuerySet":
        """The mails to send now; the one that has waited longest comes first."""
        waiting = self.filter(state=MailState.WAITING, next_try_at__lte=at)
        return waiting.order_by("next_try_at", "pk")

    def overdue(self, at: datetime) -> "MailQuerySet":
        """The mails that a running worker would have tried to send by now."""
        return self.due(at - OVERDUE_AFTER)

    def failing_for_long(self, at: datetime) -> "MailQuerySet":
        """The mails that were tried again and again, and still wait."""
        return self.filter(state=MailState.WAITING, failing_since__lte=at - OVERDUE_AFTER)


class Mail(models.Model):
    """A mail to a buyer or to staff. Its text is rendered when it is sent."""

    order = models.ForeignKey(
        Order,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("order"),
    )
    # Of a mail about low stock.
    item = models.ForeignKey(
        Item, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    reason = models.CharField(_("reason"), max_length=20, choices=MailReason)
    # What the mail is about besides: a refund's or payment's id at Stripe, an alert's primary key,
    # a tracking number, or the day.
    reference = models.CharField(_("reference"), max_length=255, blank=True)
    # Empty for staff, whose address is looked up when the mail is sent.
    to = models.EmailField(_("to"), blank=True, max_length=MAX_EMAIL_LENGTH)
    message_id = models.CharField("Message-ID", max_length=255, default=new_message_id)
    state = models.CharField(
        _("state"), max_length=10, choices=MailState, default=MailState.WAITING
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # While a worker sends the mail, this is when another one may send it.
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    # Whether the last try failed because of the mail server, and not because of this mail.
    waits_for_server = models.BooleanField(default=False, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state=MailState.WAITING), name="mail_waiting"
            ),
            # For those that failed or can't be sent, on the first page of the admin.
            models.Index(fields=["state", "failing_since"], name="mail_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "reason", "reference"], name="mail_once_per_order"
            ),
            models.UniqueConstraint(
                fields=["item", "reason", "reference"], name="mail_once_per_item"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[str(reason) for reason in TO_STAFF]) | ~Q(to=""),
                name="mail_to_buyer_has_address",
            ),
        ]

    def __str__(self) -> str:
        """For logs too, so it names no address."""
        return f"{self.order or self.item}: {self.reason}"
