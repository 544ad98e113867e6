"""What an import of items would change, and the mistakes of its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from store.item_pictures import PictureChange, change_of
from store.item_rows import FIELDS, KEPT_IF_EMPTY, ItemRow, RowForm, cells, slugs_of
from store.models import Collection, Item
from store.money import decimals
from web.keys import as_key

STOCK = Item._meta.get_field("stock")


class WrongId(Exception):
    """The message says what is wrong with the id of a row."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a field. The number is that of the spreadsheet's row."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Change:
    """A new item, or fields of an item with their stored and their new values."""

    row: int
    item: Item
    is_new: bool
    fields: dict[str, tuple[Any, Any]]
    collections: list[Collection]
    pictures: PictureChange | None  # None if they stay

    @property
    def shown_fields(self) -> list[tuple[str, str, str]]:
        """The changed columns of a stored item, with the values as texts."""
        if self.is_new:
            return []
        old, new = self.fields.get("currency", (self.item.currency, self.item.currency))
        return [
            (name, _in_words(before, old), _in_words(after, new))
            for name, (before, after) in self.fields.items()
        ]


def _in_words(value: Any, currency: str) -> str:
    match value:
        case None | "":
            return "—"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:.{decimals(currency)}f}"
    return str(value)


@dataclass
class ImportPlan:
    """What an import would do. It does nothing while there are mistakes."""

    changes: list[Change] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    unchanged: int = 0

    @property
    def new_count(self) -> int:
        return sum(each.is_new for each in self.changes)

    @property
    def changed_count(self) -> int:
        return len(self.changes) - self.new_count


def plan(table: Sequence[ItemRow], *, adds_unknown: bool) -> ImportPlan:
    """Compare the rows with the shop. An id that the shop doesn't have is a mistake, or new."""
    result = ImportPlan()
    ids = {key for row in table if (key := as_key(row.cells.get("id", ""))) is not None}
    stored = Item.objects.prefetch_related("collections", "pictures").in_bulk(ids)
    known = {each.slug: each for each in Collection.objects.all()}
    seen = set[int]()
    for row in table:
        try:
            item = _item_of(row.cells.get("id", ""), stored, seen, adds_unknown=adds_unknown)
        except WrongId as error:
            result.mistakes.append(Mistake(row.number, "id", str(error)))
            continue
        if row.extra:
            text = gettext(
                "This row has more cells than the first row. Was a text split at commas?"
            )
            result.mistakes.append(Mistake(row.number, row.extra, text))
            continue
        _add(result, row, item, known)
    return result


def _item_of(text: str, stored: Mapping[int, Item], seen: set[int], *, adds_unknown: bool) -> Item:
    """The stored item, or a new one. Raises WrongId."""
    if not text:
        return Item()
    if (key := as_key(text)) is None:
        raise WrongId(gettext("The id is no number. Leave it empty for a new item."))
    if key in seen:
        raise WrongId(gettext("Another row has the same id."))
    seen.add(key)
    if key not in stored and not adds_unknown:
        raise WrongId(gettext("There is no item with this id. Leave it empty for a new item."))
    return stored.get(key) or Item()


def _add(result: ImportPlan, row: ItemRow, item: Item, known: Mapping[str, Collection]) -> None:
    """Add a row to the plan: its mistakes, or what it changes."""
    is_new, before = item.pk is None, {name: getattr(item, name) for name in FIELDS}
    slugs = set[str]() if is_new else slugs_of(item)
    typed = {name: text for name, text in row.cells.items() if text or name not in KEPT_IF_EMPTY}
    form = RowForm({**cells(item), **typed}, instance=item, known=known)
    messages = {column: [str(each) for each in errors] for column, errors in form.errors.items()}
    pictures = None
    try:
        if "pictures" in row.cells:
            pictures = change_of(item, row.cells["pictures"], row.files)
    except ValidationError as error:
        messages["pictures"] = error.messages
    if not messages and not is_new and {"stock", "stock_before"} <= row.cells.keys():
        item.stock = _stock(before["stock"], item.stock, form.cleaned_data["stock_before"])
        messages |= stock_mistakes(item.stock)
    if messages:
        for column, texts in messages.items():
            result.mistakes += [Mistake(row.number, column, text) for text in texts]
        return
    changed = _changed(before, item, slugs, form.cleaned_data["collections"])
    if is_new or changed or pictures:
        collections = form.cleaned_data["collections"]
        result.changes.append(Change(row.number, item, is_new, changed, collections, pictures))
    else:
        result.unchanged += 1


def _changed(
    before: Mapping[str, Any], item: Item, slugs: set[str], collections: list[Collection]
) -> dict[str, tuple[Any, Any]]:
    """The changed columns with their values before and after."""
    changed = {
        name: (before[name], value)
        for name in FIELDS
        if not _is_same(before[name], value := getattr(item, name))
    }
    if slugs != {each.slug for each in collections}:
        new = ", ".join(each.slug for each in collections)
        changed["collections"] = (", ".join(sorted(slugs)), new)
    return changed


def _is_same(stored: Any, new: Any) -> bool:
    """Spreadsheet programs write other newlines than browsers."""
    if isinstance(stored, str):
        new = new.replace("\r\n", "\n")
        stored = stored.replace("\r\n", "\n")
    return bool(stored == new)


def _stock(stored: int | None, typed: int | None, exported: int | None) -> int | None:
    """Apply the difference that staff typed, so that sales since the export count."""
    if typed == exported:
        return stored
    if None in (stored, typed, exported):
        return typed
    return max(0, stored + typed - exported)  # type: ignore[operator]  # no None is left


def stock_mistakes(stock: int | None) -> dict[str, list[str]]:
    """What is wrong with the sum, by the names of the columns."""
    try:
        STOCK.run_validators(stock)
    except ValidationError as error:
        return {"stock": error.messages}
    return {}
