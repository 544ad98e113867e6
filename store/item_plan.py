"""What an import of items would change, and the mistakes of its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from store.item_rows import BEYOND, FIELDS, KEPT_IF_EMPTY, RowForm, cells, slugs_of
from store.models import Collection, Item
from web.keys import as_key


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

    @property
    def shown_fields(self) -> list[tuple[str, str, str]]:
        """The changed columns of a stored item, with the values as texts."""
        if self.is_new:
            return []
        return [
            (name, _in_words(before), _in_words(after))
            for name, (before, after) in self.fields.items()
        ]


def _in_words(value: Any) -> str:
    match value:
        case None | "":
            return "—"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value.normalize():f}"
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


def plan(table: Sequence[tuple[int, dict[str, str]]], *, adds_unknown: bool) -> ImportPlan:
    """Compare the rows with the shop. An id that the shop doesn't have is a mistake, or new."""
    result = ImportPlan()
    ids = {key for _row, row in table if (key := as_key(row.get("id", ""))) is not None}
    stored = Item.objects.prefetch_related("collections").in_bulk(ids)
    known = {each.slug: each for each in Collection.objects.all()}
    seen = set[int]()
    for number, row in table:
        try:
            item = _item_of(row.get("id", ""), stored, seen, adds_unknown=adds_unknown)
        except WrongId as error:
            result.mistakes.append(Mistake(number, "id", str(error)))
            continue
        if row.get(BEYOND):
            text = gettext(
                "This row has more cells than the first row. Was a text split at commas?"
            )
            result.mistakes.append(Mistake(number, row[BEYOND], text))
            continue
        _add(result, number, item, row, known)
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


def _add(
    result: ImportPlan,
    number: int,
    item: Item,
    row: Mapping[str, str],
    known: Mapping[str, Collection],
) -> None:
    """Add a row to the plan: its mistakes, or what it changes."""
    is_new, before = item.pk is None, {name: getattr(item, name) for name in FIELDS}
    slugs = set[str]() if is_new else slugs_of(item)
    typed = {name: text for name, text in row.items() if text or name not in KEPT_IF_EMPTY}
    form = RowForm({**cells(item), **typed}, instance=item, known=known)
    if not form.is_valid():
        for column, messages in form.errors.items():
            result.mistakes += [Mistake(number, column, str(message)) for message in messages]
        return
    if not is_new and "stock_before" in row:
        item.stock = _stock(before["stock"], item.stock, form.cleaned_data["stock_before"])
    changed = {
        name: (before[name], value)
        for name in FIELDS
        if not _is_same(before[name], value := getattr(item, name))
    }
    collections = form.cleaned_data["collections"]
    if slugs != {each.slug for each in collections}:
        new = ", ".join(each.slug for each in collections)
        changed["collections"] = (", ".join(sorted(slugs)), new)
    if is_new or changed:
        result.changes.append(Change(number, item, is_new, changed, collections))
    else:
        result.unchanged += 1


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
