import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cart.models.discount import Discount
from cart.models.tax import Tax
from store.models import Item
from store.money import CURRENCIES


class State(models.TextChoices):
    CART = "cart", _("cart")
    CHECKOUT = "checkout", _("being paid")
    PROCESSING = "processing", _("payment on its way")
    PAID = "paid", _("paid")
    CANCELLED = "cancelled", _("cancelled")


# The legal steps, drawn in docs/states.md. An order that was given up, cancelled or a cart again,
# can still be paid: money that arrives late is never lost.
STEPS = {
    State.CART: {State.CHECKOUT, State.PAID},
    State.CHECKOUT: {State.PROCESSING, State.PAID, State.CANCELLED, State.CART},
    State.PROCESSING: {State.PAID, State.CANCELLED, State.CART},
    State.CANCELLED: {State.PAID},
    State.PAID: set[State](),
}
# In these states an order holds its stock and waits for money.
HELD = [State.CHECKOUT, State.PROCESSING]
# In these states the buyer sees an order as the cart.
OPEN = [State.CART, State.CHECKOUT]


class IllegalStep(Exception):
    """An order was asked to go from one state to another that does not follow it."""


def new_token() -> str:
    """A name for an order that can't be guessed: 192 random bits."""
    return secrets.token_urlsafe(24)


class OrderQuerySet(models.QuerySet["Order"]):
    def open_for(self, tokens: Iterable[str]) -> "OrderQuerySet":
        """The orders that a buyer with these tokens sees as the cart, one per currency."""
        open_orders = self.filter(token__in=list(tokens), state__in=OPEN, superseded_at=None)
        return open_orders.order_by("currency", "pk")

    def needing_attention(self) -> "OrderQuerySet":
        return self.exclude(needs_attention="")

    def idle_carts(self, *, before: datetime) -> "OrderQuerySet":
        """Carts that nobody touched since; never one that money arrived for.

        That is noted in its history, and stays so when staff have dealt with it.
        """
        noted = self.filter(history__from_state=F("history__to_state")).values("pk")
        idle = self.filter(state=State.CART, updated_at__lt=before, needs_attention="")
        return idle.exclude(pk__in=noted)


class Order(models.Model):
    """What one buyer pays at once. Frozen from `checkout` on: a frozen order never changes."""

    token = models.CharField(_("token"), max_length=40, unique=True, default=new_token)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CART)
    currency = models.CharField(_("currency"), max_length=3)
    # While the order is a cart: the discount it asks for. From checkout on, the copies below count.
    discount = models.ForeignKey(
        Discount, models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    # Copied at checkout, in minor units of the currency; then Stripe's figures where they differ.
    subtotal_amount = models.BigIntegerField(_("subtotal"), default=0)
    discount_code = models.CharField(_("discount code"), max_length=40, blank=True)
    discount_percent = models.DecimalField(
        _("discount percent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    discount_amount = models.BigIntegerField(_("discount"), default=0)
    total_amount = models.BigIntegerField(_("total"), default=0)
    # One press of Buy by one visitor on one item; while that order waits, it is the only one.
    # (docs/decisions/0002-who-pressed-buy.md)
    buy_key = models.CharField(max_length=64, blank=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True, max_length=320)
    # Given back of the total, in minor units; money that came twice and went back is not in it.
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    needs_attention = models.TextField(
        _("needs attention"), blank=True, help_text=_("Why staff must look at it.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True)
    # The buyer edited it after checkout: a copy is the cart now; this one ends with its session.
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
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
        ]

    def __str__(self) -> str:
        return self.token

    def get_absolute_url(self) -> str:
        return reverse("cart:order-status", args=[self.token])

    @property
    def becomes_a_cart_again(self) -> bool:
        """Whether an unpaid end of its checkout leaves a cart, or ends a one-click or old order."""
        return not self.buy_key and self.superseded_at is None

    @property
    def is_waiting(self) -> bool:
        return self.state in HELD

    def has_present_taxes(self) -> bool:
        """Whether the taxes it was frozen with are those that apply now."""
        values = ("display_name", "percentage", "is_inclusive")
        present = Tax.objects.applied().values_list(*values)
        return list(self.taxes.values_list(*values)) == list(present)

    @property
    def is_refunded(self) -> bool:
        return self.refunded_amount > 0 and self.refunded_amount == self.total_amount

    def step(self, to: State, *, at: datetime, why: str) -> None:
        """Goes to the next state, in memory and in the database, and writes it into the history.

        Call it with the row locked. Raises IllegalStep where `to` does not follow the present
        state, or the row has gone on to another one.
        """
        before = self.state
        if to not in STEPS[State(before)]:
            raise IllegalStep(f"order {self.token} can't go from {before} to {to}")
        if to == State.PAID:
            self.paid_at = at
        moved = Order.objects.filter(pk=self.pk, state=before)
        if not moved.update(state=to, paid_at=self.paid_at):
            raise IllegalStep(f"order {self.token} is not {before} any more")
        self.state = to
        self.save()
        self.history.create(at=at, from_state=before, to_state=to, why=why)

    def note(self, sentence: str, *, at: datetime) -> None:
        """Writes down what happened without a step."""
        self.history.create(at=at, from_state=self.state, to_state=self.state, why=sentence)


class OrderLine(models.Model):
    """One item of an order, with the name and the price it had when the order was frozen."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    item = models.ForeignKey(
        Item, models.PROTECT, related_name="order_lines", verbose_name=_("item")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    # In a cart, name and amount are what the buyer saw when adding it; the catalogue's count.
    name = models.CharField(_("name"), max_length=200)
    unit_amount = models.BigIntegerField(_("unit amount"), help_text=_("In minor units."))
    # What the hold took from the stock: 0 where the item had no stock figure then.
    held_quantity = models.PositiveIntegerField(default=0, editable=False)
    # The press of "Add to cart" that was counted last: the same press again adds nothing.
    last_press = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "item"], name="line_one_per_item"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=999), name="line_quantity_1_to_999"
            ),
            models.CheckConstraint(
                condition=Q(unit_amount__gte=0), name="line_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def subtotal_amount(self) -> int:
        """Minor units: unit amount × quantity."""
        return self.unit_amount * self.quantity


class OrderTax(models.Model):
    """A tax as it was when the order was frozen, with the amount charged."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="taxes")
    display_name = models.CharField(_("name"), max_length=50)
    percentage = models.DecimalField(_("percentage"), max_digits=7, decimal_places=4)
    is_inclusive = models.BooleanField(_("contained in the price"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units."))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("tax")
        verbose_name_plural = _("taxes")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="order_tax_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} {self.percentage.normalize():f} %"

    @property
    def name(self) -> str:
        return str(self)
