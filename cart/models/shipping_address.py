from django.db import models
from django.utils.translation import gettext_lazy as _

from cart.models.order import Order
from store.countries import country_name

# Countries whose addresses end in “Springfield, IL 62701”.
STATE_AND_CODE_LAST = {"US", "CA", "AU"}


class ShippingAddress(models.Model):
    """Where a paid order is sent: what the buyer typed at Stripe, read back at settlement."""

    order = models.OneToOneField(Order, models.CASCADE, related_name="shipping_address")
    name = models.CharField(_("name"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    line1 = models.CharField(_("street"), max_length=200, blank=True)
    line2 = models.CharField(_("second line"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state or region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        verbose_name = _("shipping address")
        verbose_name_plural = _("shipping addresses")

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.name, self.postal_code, self.city, self.country]))

    def as_lines(self) -> list[str]:
        """The lines of a label, in the order of the country, whose name is the last one."""
        lines = [self.name, self.line1, self.line2, *self._places(), country_name(self.country)]
        return [line for line in lines if line.strip()]

    def _places(self) -> list[str]:
        if self.country in STATE_AND_CODE_LAST:
            state = f"{self.state} {self.postal_code}".strip()
            return [", ".join(filter(None, [self.city, state]))]
        if self.country == "GB":
            return [self.city, self.state, self.postal_code]
        return [f"{self.postal_code} {self.city}".strip(), self.state]
