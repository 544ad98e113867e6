import unicodedata
from datetime import datetime
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.pricing import AmountOff, PercentOff
from store.money import CURRENCIES
from store.templatetags.money import money


class DiscountProblem(models.TextChoices):
    """Why a code can't be used on an order."""

    UNKNOWN = "unknown", _("This code doesn’t exist. Check its spelling.")
    NOT_YET = "not_yet", _("This code isn’t valid yet.")
    EXPIRED = "expired", _("This code has expired.")
    USED_UP = "used_up", _("This code has been used up.")
    CURRENCY = "currency", _("This code is for another currency.")
    BELOW_MINIMUM = (
        "below_minimum",
        _("This code needs an order of at least %(minimum)s."),
    )


class DiscountRefused(Exception):
    """The code can't be used on this order; `reason` says why, and `message` says it to buyers."""

    def __init__(self, reason: DiscountProblem, *, minimum: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.message = str(reason.label) % {"minimum": minimum}


def normalized_code(text: str) -> str:
    """Return the stored spelling of a code: trimmed, full-width letters as ASCII, upper case."""
    return unicodedata.normalize("NFKC", text).strip().upper()


class DiscountQuerySet(models.QuerySet["Discount"]):
    def with_code(self, text: str) -> "Discount":
        """Return the active discount with this code, in any spelling. Raises DiscountRefused."""
        found = self.filter(code=normalized_code(text), is_active=True).first()
        if found is None:
            raise DiscountRefused(DiscountProblem.UNKNOWN)
        return found

    def take_redemption(self, discount_id: int) -> bool:
        """Take one redemption, and return whether there was one left.

        One conditional UPDATE, so that two buyers never get the same last redemption.
        """
        left = Q(max_redemptions__isnull=True) | Q(times_redeemed__lt=F("max_redemptions"))
        taken = self.filter(left, pk=discount_id).update(times_redeemed=F("times_redeemed") + 1)
        return taken == 1

    def return_redemption(self, discount_id: int) -> None:
        """Return a redemption that `take_redemption` took."""
        self.filter(pk=discount_id, times_redeemed__gt=0).update(
            times_redeemed=F("times_redeemed") - 1
        )


class Discount(models.Model):
    """A code that buyers type: a percentage, or a fixed amount in one currency."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal(100))],
        help_text=_("Enter a percentage, or an amount with its currency."),
    )
    amount = models.BigIntegerField(
        _("amount"), null=True, blank=True, help_text=_("In minor units: 500 is 5.00 USD.")
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        help_text=_("The currency of the amount and of the minimum."),
    )
    minimum_amount = models.BigIntegerField(
        _("minimum order"), null=True, blank=True, help_text=_("In minor units, before discount.")
    )
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    max_redemptions = models.PositiveIntegerField(
        _("maximum redemptions"), null=True, blank=True, help_text=_("Leave it empty for no limit.")
    )
    times_redeemed = models.PositiveIntegerField(_("redemptions"), default=0, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = DiscountQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__isnull=False, amount__isnull=True)
                | Q(percent__isnull=True, amount__isnull=False),
                name="discount_percent_or_amount",
                violation_error_message=_("Enter either a percentage or an amount."),
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100),
                name="discount_percent_to_100",
                violation_error_message=_("The percentage must be more than 0 and at most 100."),
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0),
                name="discount_amount_above_0",
                violation_error_message=_("The amount must be more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(currency="") | Q(currency__in=sorted(CURRENCIES)),
                name="discount_currency_known",
                violation_error_message=_("Choose one of the shop’s currencies."),
            ),
            models.CheckConstraint(
                condition=~Q(currency="") | Q(amount__isnull=True, minimum_amount__isnull=True),
                name="discount_amounts_have_a_currency",
                violation_error_message=_("Choose the currency of the amount."),
            ),
            models.CheckConstraint(
                condition=Q(max_redemptions__isnull=True)
                | Q(times_redeemed__lte=F("max_redemptions")),
                name="discount_not_redeemed_too_often",
                violation_error_message=_(
                    "The code has already been used more often than that. Enter a higher number."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        self.code = normalized_code(self.code)

    @property
    def is_limited(self) -> bool:
        """Whether its redemptions can run out."""
        return self.max_redemptions is not None

    @property
    def off(self) -> PercentOff | AmountOff:
        """The discount as `cart.pricing` takes it."""
        if self.percent is not None:
            return PercentOff(self.percent)
        return AmountOff(self.amount or 0)

    def check_usable(
        self, *, currency: str, subtotal: int, at: datetime, holds_one: bool = False
    ) -> None:
        """Raise DiscountRefused if an order of `subtotal` minor units can't use it at this time.

        `holds_one` says that the buyer holds a redemption already.
        """
        if not self.is_active:
            raise DiscountRefused(DiscountProblem.EXPIRED)
        if self.starts_at and at < self.starts_at:
            raise DiscountRefused(DiscountProblem.NOT_YET)
        if self.ends_at and at >= self.ends_at:
            raise DiscountRefused(DiscountProblem.EXPIRED)
        limit = None if holds_one else self.max_redemptions
        if limit is not None and self.times_redeemed >= limit:
            raise DiscountRefused(DiscountProblem.USED_UP)
        if self.currency and self.currency != currency:
            raise DiscountRefused(DiscountProblem.CURRENCY)
        if self.minimum_amount is not None and subtotal < self.minimum_amount:
            minimum = money(self.minimum_amount, self.currency)
            raise DiscountRefused(DiscountProblem.BELOW_MINIMUM, minimum=minimum)
