from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from store.money import CURRENCIES, InvalidAmount, decimals, to_minor


class ItemQuerySet(models.QuerySet["Item"]):
    def listed(self) -> "ItemQuerySet":
        return self.filter(is_listed=True)

    def take_stock(self, item_id: int, quantity: int) -> bool:
        """Takes `quantity` pieces if there are as many; an item without a stock figure always has.

        One conditional UPDATE, so that two buyers never get the same last piece.
        """
        enough = Q(stock__isnull=True) | Q(stock__gte=quantity)
        return self.filter(enough, pk=item_id).update(stock=F("stock") - quantity) == 1

    def give_back_stock(self, item_id: int, quantity: int) -> None:
        self.filter(pk=item_id).update(stock=F("stock") + quantity)


class Item(models.Model):
    """Something for sale. Its price is in units of the currency; all past it in minor units."""

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=5000)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)
    image = models.ImageField(_("picture"), upload_to="items/", blank=True)
    stock = models.PositiveIntegerField(
        _("stock"), null=True, blank=True, help_text=_("Empty means that it never runs out.")
    )
    is_listed = models.BooleanField(
        _("listed"), default=True, help_text=_("Only listed items can be seen and bought.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="item_price_above_zero"),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__gte=0), name="item_stock_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(CURRENCIES)), name="item_currency_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("store:item-detail", args=[self.pk])

    def clean(self) -> None:
        if self.price is None or self.currency not in CURRENCIES:
            return  # the fields' own checks have spoken
        if self.price <= 0:
            raise ValidationError({"price": _("The price must be more than zero.")})
        try:
            to_minor(self.price, self.currency)
        except InvalidAmount:
            message = _("%(currency)s has %(decimals)s decimals; this price has more.") % {
                "currency": self.currency,
                "decimals": decimals(self.currency),
            }
            raise ValidationError({"price": message}) from None

    @property
    def amount(self) -> int:
        """The price in minor units of the currency."""
        return to_minor(Decimal(self.price), self.currency)

    @property
    def is_sold_out(self) -> bool:
        return self.stock == 0
