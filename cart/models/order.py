import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cart.models.cause import Cause
from cart.models.discount import Discount
from cart.models.shipping import OrderShipping
from cart.models.state import HELD, OPEN, STEPS, IllegalStep, State
from store.money import CURRENCIES

# Digits and capitals without those that look alike or sound alike: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
NUMBER_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
MAX_EMAIL_LENGTH = 320


def new_token() -> str:
    """Return a random token of 192 bits, which nobody can guess."""
    return secrets.token_urlsafe(24)


def new_number() -> str:
    """Return a random number that people can say, like 7K3F-9QXM: one of 78 billion."""
    letters = "".join(secrets.choice(NUMBER_ALPHABET) for _letter in range(8))
    return f"{letters[:4]}-{letters[4:]}"


# One-click and superseded orders are no carts.
OPEN_CART = ~Q(visitor="") & Q(
    buy_key="", superseded_at=None, state__in=[str(state) for state in OPEN]
)

# Paid orders that have to be sent, and were neither sent nor refunded in full.
TO_SHIP = Q(state=State.PAID, needs_shipping=True, shipped_at=None) & (
    Q(total_amount=0) | Q(refunded_amount__lt=F("total_amount"))
)


class OrderQuerySet(models.QuerySet["Order"]):
    def open_for(self, visitor: str) -> "OrderQuerySet":
        """The orders that this visitor sees as the cart: at most one per currency."""
        return self.filter(OPEN_CART, visitor=visitor).order_by("currency")

    def locked(self, pk: int) -> "Order":
        """The order as stored now; its row stays locked until the transaction ends.

        Don't join other tables: after waiting for the lock, PostgreSQL would return the new order
        with their old rows.
        """
        return self.select_for_update().get(pk=pk)

    def idle_carts(self, *, before: datetime) -> "OrderQuerySet":
        """Carts unchanged since `before`, except those with an alert: money may have arrived."""
        idle = self.filter(state=State.CART, updated_at__lt=before)
        return idle.exclude(alerts__isnull=False)


class Order(OrderShipping):
    """What one buyer pays at once. From `checkout` on nobody edits it.

    Only Stripe's rounding and refunds change its amounts then.
    """

    # In the order's addresses. Anybody who knows it can read the receipt.
    token = models.CharField(_("token"), max_length=40, unique=True, default=new_token)
    # For people, logs and Stripe.
    number = models.CharField(_("number"), max_length=9, unique=True, default=new_number)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CART)
    currency = models.CharField(_("currency"), max_length=3)
    # In a cart: the discount with the code that the buyer typed. From checkout on, see the copies.
    discount = models.ForeignKey(
        Discount, models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    # Copied at checkout, in minor units; then Stripe's amounts where they differ by rounding.
    subtotal_amount = models.BigIntegerField(_("subtotal"), default=0)
    discount_code = models.CharField(_("discount code"), max_length=40, blank=True)
    discount_percent = models.DecimalField(
        _("discount percent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    discount_amount = models.BigIntegerField(_("discount"), default=0)
    total_amount = models.BigIntegerField(_("total"), default=0)
    # The visitor's random key (cart/visitor.py); "" where an order has no visitor.
    visitor = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    # The last submissions that changed this cart: a repeated one changes nothing.
    submission_ids = models.JSONField(default=list, blank=True, editable=False)
    # A keyed hash of the network of the buyer's address, for the limits on what one address holds
    # (cart/held_limits.py). Stored only while the order waits for money.
    address_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    # Names one visitor's Buy of one item: only one such order may be in checkout at a time.
    # (docs/decisions/0002-who-pressed-buy.md)
    buy_key = models.CharField(max_length=64, blank=True, editable=False)
    # The buyer's, read back from Stripe at settlement.
    email = models.EmailField(_("e-mail"), blank=True, max_length=MAX_EMAIL_LENGTH)
    buyer_name = models.CharField(_("buyer"), max_length=200, blank=True)
    # The language in which the buyer pressed Buy: mails and documents are written in it.
    language = models.CharField(_("language"), max_length=10, blank=True)
    # Refunded of the total, in minor units. The refund of a second payment isn't counted.
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True)
    # Since when the visitor has held what is limited in it, over all attempts without a pause.
    held_since = models.DateTimeField(_("held since"), null=True, blank=True, editable=False)
    # When its last hold ended without money.
    released_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The buyer edited the order during checkout, so this copy of it became the cart. Or the lines
    # of the order came back into the cart because its payment failed.
    copied_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="copies",
        verbose_name=_("copied from"),
    )
    # The order that changed this cart without a press of the buyer: it was paid with a part of what
    # was in the cart, or its payment failed and its lines came back.
    changed_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    # When a copy replaced this order as the cart. This order ends with its session at Stripe.
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        # To look at orders, to mark them as shipped and to write notes: payments/admin/orders.py.
        permissions = [("ship_order", "Can mark orders as shipped")]
        indexes = [
            models.Index(fields=["state", "-id"], name="order_state"),
            models.Index(  # few orders, which the list in the admin begins with
                fields=["state", "-id"],
                condition=Q(state=State.PAID, needs_shipping=True, shipped_at=None),
                name="order_not_shipped",
            ),
            # For the sales of the last days, on the first page of the admin.
            models.Index(
                fields=["paid_at"], condition=Q(paid_at__isnull=False), name="order_paid_at"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in State]), name="order_state_known"
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(CURRENCIES)), name="order_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, subtotal_amount__gte=0, discount_amount__gte=0),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(discount_amount__lte=F("subtotal_amount")),
                name="order_discount_within_subtotal",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("total_amount")),
                name="order_refunded_within_total",
            ),
            models.CheckConstraint(
                condition=Q(state=State.PAID, paid_at__isnull=False)
                | (~Q(state=State.PAID) & Q(paid_at__isnull=True)),
                name="order_paid_at_with_paid",
            ),
            models.UniqueConstraint(
                fields=["buy_key"],
                condition=~Q(buy_key="") & Q(state=State.CHECKOUT),
                name="order_one_open_per_buy_key",
            ),
            models.UniqueConstraint(
                fields=["visitor", "currency"],
                condition=OPEN_CART,
                name="order_one_cart_per_visitor",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("cart:order-status", args=[self.token])

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for money."""
        return self.state in HELD

    @property
    def is_refunded(self) -> bool:
        """Whether all of it was refunded."""
        return self.refunded_amount > 0 and self.refunded_amount == self.total_amount

    @property
    def is_to_ship(self) -> bool:
        """Whether it has to be sent, as in TO_SHIP."""
        is_open = self.needs_shipping and self.shipped_at is None
        return is_open and self.state == State.PAID and not self.is_refunded

    def step(self, to: State, *, at: datetime, cause: Cause, **changes: Any) -> None:
        """Go to state `to` and set `changes` in one UPDATE, and write the history.

        An order that isn't stored yet is inserted in that state. Call it with the order's row
        locked. Raises IllegalStep if STEPS has no such step, or if the stored state has changed
        since the order was read.
        """
        before = self.state
        if to not in STEPS[State(before)]:
            raise IllegalStep(f"order {self} can't go from {before} to {to}")
        if to == State.PAID:
            changes["paid_at"] = at
        if to not in HELD:
            changes["address_hash"] = ""
        changes |= {"state": to, "updated_at": at}
        is_stored = self.pk is not None
        if is_stored and not Order.objects.filter(pk=self.pk, state=before).update(**changes):
            raise IllegalStep(f"order {self} is not {before} any more")
        for name, value in changes.items():
            setattr(self, name, value)
        if not is_stored:
            self.save(force_insert=True)
        self.history.create(at=at, from_state=before, to_state=to, **cause.as_fields())

    def note(self, cause: Cause, *, at: datetime) -> None:
        """Write a row into the history that doesn't change the state."""
        self.history.create(at=at, from_state=self.state, to_state=self.state, **cause.as_fields())
