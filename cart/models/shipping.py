from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from cart.models.shipping_rate import ShippingRate


class ShownShipping(NamedTuple):
    """What a buyer sees of the shipping before paying. The amount is in minor units."""

    country: str
    rate_name: str
    delivery_time: str
    amount: int


class OrderShipping(models.Model):
    """The fields of an order that are about shipping. Amounts in minor units."""

    # What the buyer chose in the cart, and when; empty as long as the defaults apply.
    chosen_country = models.CharField(max_length=2, blank=True, editable=False)
    # The key of a ShippingRate. It is no foreign key, so that it stays when staff delete the rate,
    # and the buyer is told.
    chosen_rate = models.BigIntegerField(null=True, blank=True, editable=False)
    shipping_chosen_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Copied at checkout. An order has shipping where the rate's name isn't empty.
    shipping_country = models.CharField(_("country"), max_length=2, blank=True)
    shipping_rate = models.ForeignKey(
        ShippingRate, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    shipping_rate_name = models.CharField(_("shipping rate"), max_length=100, blank=True)
    shipping_delivery_time = models.CharField(_("delivery time"), max_length=100, blank=True)
    shipping_amount = models.BigIntegerField(_("shipping"), default=0)
    # The share of the order's discount that lowers the tax on shipping.
    shipping_discount_amount = models.BigIntegerField(default=0, editable=False)
    # Copied at checkout: whether one of the items has to be sent, with or without a rate. False
    # again when all pieces were refunded before they were sent.
    needs_shipping = models.BooleanField(_("needs shipping"), default=False)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=100, blank=True)
    tracking_url = models.URLField(_("tracking link"), max_length=500, blank=True)

    class Meta:
        abstract = True

    @property
    def has_shipping(self) -> bool:
        """Whether the frozen order is sent at a shipping rate, perhaps free of charge."""
        return bool(self.shipping_rate_name)

    @property
    def frozen_shipping(self) -> ShownShipping | None:
        """What was copied at checkout; None for an order without shipping."""
        if not self.has_shipping:
            return None
        return ShownShipping(
            self.shipping_country,
            self.shipping_rate_name,
            self.shipping_delivery_time,
            self.shipping_amount,
        )
