from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cart.pricing import TaxRate
from store.countries import COUNTRIES

# Of a line: https://docs.stripe.com/api/checkout/sessions/create ("line_items.tax_rates")
MAX_TAXES = 10


class TaxQuerySet(models.QuerySet["Tax"]):
    def applied(self) -> "TaxQuerySet":
        """The taxes that every cart gets, in no order."""
        return self.filter(is_active=True, applies_by_default=True).order_by()


class Tax(models.Model):
    """A tax of carts, which checkout copies. Its lengths and decimals are Stripe's limits."""

    display_name = models.CharField(
        _("name"), max_length=50, help_text=_("The name that buyers see, like VAT.")
    )
    percentage = models.DecimalField(
        _("percentage"),
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    is_inclusive = models.BooleanField(
        _("included in the price"),
        default=False,
        help_text=_("On: prices include the tax. Off: the tax is added to them."),
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Two letters, like DE.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    applies_by_default = models.BooleanField(
        _("applies to every order"),
        default=True,
        help_text=_("Off: the tax is kept, but not added to carts."),
    )

    objects = TaxQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("tax")
        verbose_name_plural = _("taxes")
        constraints = [
            models.CheckConstraint(
                condition=Q(percentage__gte=0, percentage__lte=100),
                name="tax_percentage_0_to_100",
                violation_error_message=_("The percentage must be between 0 and 100."),
            ),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__in=sorted(COUNTRIES)),
                name="tax_country_known",
                violation_error_message=_(
                    "Stripe doesn’t know this country. Type its two capital letters, like DE."
                ),
            ),
            # Stripe takes no tax rate twice, and equal taxes share one tax rate.
            models.UniqueConstraint(
                fields=["display_name", "percentage", "is_inclusive", "country"],
                condition=Q(is_active=True),
                name="tax_active_once",
                violation_error_message=_(
                    "There is an equal active tax already. Change that one, or switch it off."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} {self.percentage.normalize():f} %"

    @property
    def rate(self) -> TaxRate:
        """The tax as `cart.pricing` takes it."""
        return TaxRate(self.percentage, self.is_inclusive)
