from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.models.order import Order
from store.models import Item

MAX_QUANTITY = 999  # pieces of one item in an order


class OrderLine(models.Model):
    """One item of an order, with a copy of its name and price."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    item = models.ForeignKey(
        Item, models.PROTECT, related_name="order_lines", verbose_name=_("item")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    # In a cart: what the buyer saw when adding the item. From checkout on: what the buyer pays.
    name = models.CharField(_("name"), max_length=200)
    unit_amount = models.BigIntegerField(_("unit amount"), help_text=_("In minor units."))
    # This line's share of the order's discount, in minor units; copied at checkout.
    discount_amount = models.BigIntegerField(_("discount"), default=0)
    # The pieces that were taken from the stock; 0 for an item that never runs out.
    held_quantity = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "item"], name="line_one_per_item"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="line_quantity_1_to_999",
            ),
            models.CheckConstraint(
                condition=Q(unit_amount__gte=0), name="line_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(
                    discount_amount__gte=0, discount_amount__lte=F("unit_amount") * F("quantity")
                ),
                name="line_discount_within_subtotal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def subtotal_amount(self) -> int:
        """Unit amount × quantity, in minor units."""
        return self.unit_amount * self.quantity


class OrderTax(models.Model):
    """A copy of a tax, made when the order was frozen, with the amount that is charged."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="taxes")
    display_name = models.CharField(_("name"), max_length=50)
    percentage = models.DecimalField(_("percentage"), max_digits=7, decimal_places=4)
    is_inclusive = models.BooleanField(_("included in the price"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units."))
    # The part of the amount that is on shipping; the lines have the rest (LineTax).
    shipping_amount = models.BigIntegerField(default=0, editable=False)

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
        """The same attribute as QuotedTax has, for templates."""
        return str(self)


class LineTax(models.Model):
    """One line's share of one tax of its order, in minor units. The shares add up to the tax."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="taxes")
    tax = models.ForeignKey(OrderTax, models.CASCADE, related_name="shares")
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units."))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "tax"], name="line_tax_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="line_tax_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.tax}: {self.amount}"
