from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.pricing import ShippingPrice
from store.money import CURRENCIES


class ShippingRateQuerySet(models.QuerySet["ShippingRate"]):
    def offered(self, currency: str) -> list["ShippingRate"]:
        """The rates of orders in this currency, always in the same order."""
        rates = self.filter(is_active=True, currency=currency).order_by()
        # Sorted here, as in cart.visitor.
        return sorted(rates, key=lambda rate: (rate.position, rate.pk))


class ShippingRate(models.Model):
    """What it costs to send an order in one currency to some countries. Amounts in minor units."""

    name = models.CharField(
        _("name"), max_length=100, help_text=_("The name that buyers see, like Parcel.")
    )
    # Two-letter codes; empty stands for everywhere else: each country that no other active rate
    # of the currency names.
    countries = models.JSONField(_("countries"), default=list, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    # Shipping costs nothing from this amount on, counted after the discount.
    free_from_amount = models.BigIntegerField(_("free from"), null=True, blank=True)
    delivery_time = models.CharField(
        _("delivery time"), max_length=100, blank=True, help_text=_("In words: 2–3 working days.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ShippingRateQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__in=sorted(CURRENCIES)),
                name="shipping_rate_currency_known",
                violation_error_message=_("Choose one of the shop’s currencies."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="shipping_rate_amount_not_negative",
                violation_error_message=_("The amount can’t be less than zero."),
            ),
            models.CheckConstraint(
                condition=Q(free_from_amount__isnull=True) | Q(free_from_amount__gte=0),
                name="shipping_rate_free_from_not_negative",
                violation_error_message=_("The amount can’t be less than zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> ShippingPrice:
        """The amounts as `cart.pricing` takes them."""
        return ShippingPrice(self.amount, self.free_from_amount)
