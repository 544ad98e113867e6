"""Items as rows of a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext

from store.item_pictures import StoredFile, cell_of
from store.models import Collection, Item
from store.money import CURRENCIES, from_minor
from store.tables import Cell, Row, Unreadable

COLUMNS = (
    *("id", "name", "description", "price", "currency", "stock", "stock_before"),
    *("needs_shipping", "is_listed", "position", "collections", "pictures"),
)
FIELDS = [*COLUMNS[1:6], *COLUMNS[7:10]]  # of the model
KEPT_IF_EMPTY = ("needs_shipping", "is_listed", "position")
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
AT_ONCE = 500  # items that an export reads at once


class ItemRow(NamedTuple):
    """A row of a file that is imported."""

    number: int  # as the spreadsheet shows it
    cells: dict[str, str]  # by the names of their columns
    extra: str  # the cells to which the first row gives no name
    # The pictures of a zip file that the row names, by their keys, or what is wrong with them.
    files: dict[str, StoredFile | str]


def oldest_first(items: QuerySet[Item]) -> Iterator[Item]:
    """The items with their collections and pictures, of which only some are in memory at once."""
    last = 0
    items = items.order_by("pk").prefetch_related(None).prefetch_related("collections", "pictures")
    while some := list(items.filter(pk__gt=last)[:AT_ONCE]):
        yield from some
        last = some[-1].pk


def rows(items: Iterable[Item]) -> Iterator[Row]:
    """The names of the columns, then the items."""
    yield [*COLUMNS]
    yield from ([*cells(item).values()] for item in items)


def cells(item: Item) -> dict[str, Cell]:
    """The item's row. Of a new item, what an empty row means."""
    is_new = item.pk is None
    return {
        "id": item.pk,
        "name": item.name,
        "description": item.description,
        "price": None if is_new else from_minor(item.amount, item.currency),
        "currency": item.currency,
        "stock": item.stock,
        "stock_before": item.stock,
        "needs_shipping": "yes" if item.needs_shipping else "no",
        "is_listed": "yes" if item.is_listed else "no",
        "position": item.position,
        "collections": "" if is_new else ", ".join(sorted(slugs_of(item))),
        "pictures": "" if is_new else cell_of(item.pictures.all()),
    }


def slugs_of(item: Item) -> set[str]:
    return {each.slug for each in item.collections.all()}


class YesNoField(forms.CharField):
    def clean(self, value: Any) -> bool:
        try:
            return YES_NO[super().clean(value).casefold()]
        except KeyError:
            raise ValidationError(gettext("Write yes or no.")) from None


class PriceField(forms.DecimalField):
    def to_python(self, value: Any) -> Any:
        """Take the decimal comma of other languages too."""
        text = str(value)
        return super().to_python(text if "." in text else text.replace(",", ".", 1))


class RowForm(forms.ModelForm):
    """The fields of a row, with the rules and the messages of the item's form."""

    price = PriceField(max_digits=12, decimal_places=3)
    currency = forms.CharField()
    stock_before = forms.IntegerField(required=False)
    needs_shipping = YesNoField()
    is_listed = YesNoField()
    collections = forms.CharField(required=False)

    class Meta:
        model = Item
        fields = FIELDS

    def __init__(self, *args: Any, known: Mapping[str, Collection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        self.stored_currency = self.instance.currency

    def clean(self) -> dict[str, Any]:
        """Don't ask the database about its constraints for each row: Item.clean is as strict."""
        return self.cleaned_data

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if currency == self.stored_currency and currency in CURRENCIES:
            return currency
        if currency not in settings.STRIPE_CURRENCIES:
            text = gettext("The shop doesn’t sell in this currency. Its currencies: %(codes)s.")
            codes = ", ".join(settings.STRIPE_CURRENCIES)
            raise ValidationError(text % {"codes": codes})
        return currency

    def clean_collections(self) -> list[Collection]:
        slugs = self.cleaned_data["collections"].replace(",", " ").replace(";", " ").split()
        if unknown := [slug for slug in slugs if slug not in self.known]:
            text = gettext(
                "No collection has the address “%(slug)s”. Write an address as in the form of a "
                "collection, like %(example)s, or add the collection first."
            )
            names = {"slug": unknown[0], "example": next(iter(self.known), "kitchen")}
            raise ValidationError(text % names)
        return [self.known[slug] for slug in dict.fromkeys(slugs)]


def name_cells(table: Iterator[tuple[int, list[str]]]) -> list[ItemRow]:
    """Name the cells by the first row. Raises Unreadable."""
    _number, names = next(table, (0, []))
    columns = [name.strip().casefold() for name in names]
    while columns and not columns[-1]:
        columns.pop()
    if unknown := [name for name in columns if name not in COLUMNS]:
        text = gettext("The first row has an unknown column, “%(name)s”. The columns: %(names)s.")
        raise Unreadable(text % {"name": unknown[0], "names": ", ".join(COLUMNS)})
    if twice := [name for name, count in Counter(columns).items() if count > 1]:
        text = gettext("The first row names the column “%(name)s” twice.")
        raise Unreadable(text % {"name": twice[0]})
    found = [
        ItemRow(
            number,
            cells=dict(zip(columns, row, strict=False)),
            extra=" ".join(filter(None, row[len(columns) :])),
            files={},
        )
        for number, row in table
    ]
    if not found:
        raise Unreadable(gettext("The file has no items."))
    return found
