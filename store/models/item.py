from collections.abc import Set
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Round
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from store.amount_errors import decimals_error
from store.folding import folded_line, folded_text
from store.models.folded_field import FoldedField
from store.money import (
    CURRENCIES,
    MINIMUM_AMOUNTS,
    THREE_DECIMAL,
    TWO_DECIMAL,
    ZERO_DECIMAL,
    ZERO_DECIMAL_TIMES_100,
    InvalidAmount,
    format_money,
    maximum,
    to_minor,
)
from web.language import language_of_page

if TYPE_CHECKING:
    from store.models.collection import Collection
    from store.models.picture import Picture

# PostgreSQL's planner doesn't join with an array.
COLLECTION_SQL = {
    "sqlite": "store_item.id IN (SELECT item_id FROM store_collection_items"
    " WHERE collection_id = %s)",
    "postgresql": "store_item.id = ANY(ARRAY(SELECT item_id FROM store_collection_items"
    " WHERE collection_id = %s))",
}
WITHOUT_DECIMALS = sorted(ZERO_DECIMAL | ZERO_DECIMAL_TIMES_100)


def _at_most_maximum(currencies: Set[str]) -> Q:
    """The price is at most Stripe's maximum, which is the same for all `currencies`."""
    codes = sorted(currencies)
    return Q(currency__in=codes, price__lte=maximum(codes[0]))


def _indexes(name: str, *fields: str) -> list[models.Index]:
    """Indexes of the listed items, for the pages of all currencies and for those of one."""
    return [_index(name, *fields), _index(f"{name}_by_currency", "currency", *fields)]


def _index(name: str, *fields: str) -> models.Index:
    return models.Index(fields=fields, condition=Q(is_listed=True), name=name)


class ItemQuerySet(models.QuerySet["Item"]):
    def listed(self) -> "ItemQuerySet":
        """The items that buyers can see and buy."""
        return self.filter(is_listed=True)

    def with_pictures(self) -> "ItemQuerySet":
        """Read the pictures of all items in one more query, for `main_picture`."""
        return self.prefetch_related("pictures")

    def low_in_stock(self, most: int) -> "ItemQuerySet":
        """The listed items with at most `most` pieces, the fewest first."""
        return self.listed().filter(stock__lte=most).order_by("stock", "-pk")

    def in_collection(self, collection: "Collection") -> "ItemQuerySet":
        """The collection's items. The database reads all of them, but no other items.

        In the order of an index, it may have to look at the whole catalogue before it finds some.
        """
        sql = COLLECTION_SQL[connection.vendor]
        return self.filter(RawSQL(sql, [collection.pk], output_field=models.BooleanField()))  # noqa: S611  # our own text

    def take_stock(self, item_id: int, quantity: int) -> bool:
        """Take `quantity` pieces, and return whether there were enough. None never runs out.

        One conditional UPDATE, so that two buyers never get the same last piece.
        """
        enough = Q(stock__isnull=True) | Q(stock__gte=quantity)
        return self.filter(enough, pk=item_id).update(stock=F("stock") - quantity) == 1

    def return_stock(self, item_id: int, quantity: int) -> None:
        """Add `quantity` pieces to the stock. A stock of None stays None."""
        self.filter(pk=item_id).update(stock=F("stock") + quantity)


class Item(models.Model):
    """Something for sale. Only `price` is in units of the currency; `amount` is in minor units."""

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=5000)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)
    stock = models.PositiveIntegerField(
        _("stock"),
        null=True,
        blank=True,
        help_text=_("Leave it empty if the item never runs out."),
    )
    needs_shipping = models.BooleanField(
        _("needs shipping"), default=True, help_text=_("Off: nothing is sent, like a download.")
    )
    is_listed = models.BooleanField(
        _("listed"), default=True, help_text=_("Only listed items can be seen and bought.")
    )
    position = models.PositiveIntegerField(
        _("position"),
        default=100,
        help_text=_("Lower numbers come first."),
    )
    # What the search compares. The names are sorted by the first one, too.
    name_words = FoldedField(folded_line, ["name"])
    words = FoldedField(folded_text, ["name", "description"])
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("item")
        verbose_name_plural = _("items")
        # For the catalogue's pages in each order, which skip unlisted items (store/sorting.py).
        indexes = [
            *_indexes("item_listed", "-id"),
            *_indexes("item_position", "position", "-id"),
            *_indexes("item_name", "name_words", "id"),
            _index("item_price", "currency", "price", "id"),
            # For the first page of the admin.
            models.Index(
                fields=["stock", "-id"],
                condition=Q(is_listed=True, stock__isnull=False),
                name="item_low_in_stock",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0),
                name="item_price_above_zero",
                violation_error_message=_("The price must be more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__gte=0),
                name="item_stock_not_negative",
                violation_error_message=_("The stock can’t be less than zero."),
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(CURRENCIES)),
                name="item_currency_known",
                violation_error_message=_("Choose one of the shop’s currencies."),
            ),
            models.CheckConstraint(
                condition=Q(price=Round("price", 0))
                | (~Q(currency__in=WITHOUT_DECIMALS) & Q(price=Round("price", 2))),
                name="item_price_fits_its_currency",
                violation_error_message=_("The price has more decimals than its currency."),
            ),
            models.CheckConstraint(
                condition=_at_most_maximum(ZERO_DECIMAL)
                | _at_most_maximum(ZERO_DECIMAL_TIMES_100)
                | _at_most_maximum(TWO_DECIMAL)
                | _at_most_maximum(THREE_DECIMAL),
                name="item_price_within_maximum",
                violation_error_message=_("The price is higher than Stripe accepts."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save what is folded together with the texts."""
        fields = options.get("update_fields")
        if fields is not None and not {"name", "description"}.isdisjoint(fields):
            options["update_fields"] = [*fields, "name_words", "words"]
        super().save(*args, **options)

    def get_absolute_url(self) -> str:
        return reverse("store:item-detail", args=[self.pk])

    def clean(self) -> None:
        if self.price is None or self.currency not in CURRENCIES:
            return  # these fields already have errors
        if error := self._price_error():
            raise ValidationError({"price": error})

    def _price_error(self) -> str:
        """What is wrong with the price; "" if nothing is."""
        if self.price <= 0:
            return gettext("The price must be more than zero.")
        try:
            to_minor(self.price, self.currency)
        except InvalidAmount:
            return decimals_error(self.currency)
        return self._bounds_error()

    def _bounds_error(self) -> str:
        """As `_price_error`, for the lowest and the highest amount that Stripe accepts."""
        lowest, highest = MINIMUM_AMOUNTS.get(self.currency), maximum(self.currency)
        if lowest is not None and self.price < lowest:
            return gettext(
                "The price must be at least %(minimum)s, the lowest amount that Stripe accepts."
            ) % {"minimum": self._as_money(lowest)}
        if self.price > highest:
            return gettext(
                "The price must be at most %(maximum)s, the highest amount that Stripe accepts."
            ) % {"maximum": self._as_money(highest)}
        return ""

    def _as_money(self, units: Decimal) -> str:
        """`units` of the item's currency, in the reader's language."""
        return format_money(to_minor(units, self.currency), self.currency, language_of_page())

    @property
    def amount(self) -> int:
        """The price in minor units of the currency."""
        return to_minor(Decimal(self.price), self.currency)

    @property
    def main_picture(self) -> "Picture | None":
        """The first picture, of those that `with_pictures` has read."""
        return next(iter(self.pictures.all()), None)

    @property
    def is_sold_out(self) -> bool:
        return self.stock == 0
