"""Carry out the import of items: all of it, or nothing."""

import hashlib
import json
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_noop as _

from store.item_pictures import PictureChange
from store.item_plan import Change, ImportPlan, stock_mistakes
from store.models import Collection, Item, Picture

AT_ONCE = 500  # rows that one statement inserts
Membership = Collection.items.through


class ChangedMeanwhile(Exception):
    """Somebody has changed or deleted one of the items since they were compared with the file."""


class AlreadyImported(Exception):
    """The same form was sent twice."""


def fingerprint(plan: ImportPlan) -> str:
    """A hash of what staff saw, without the stock, which sales change."""
    seen = [
        [
            *(each.row, each.is_new),
            {name: str(pair) for name, pair in each.fields.items() if name != "stock"},
            each.pictures and [_stored(each.pictures), _named(each.pictures)],
        ]
        for each in plan.changes
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _stored(pictures: PictureChange) -> list[Any]:
    return [_values(each) for each in pictures.before]


def _values(picture: Picture) -> tuple[Any, ...]:
    return picture.pk, picture.image.name, picture.alternative, picture.position


def _named(pictures: PictureChange) -> list[Any]:
    return [[each.picture.image.name, each.alternative] for each in pictures.after]


def carry_out(plan: ImportPlan, *, user: Any, name: str) -> None:
    """Write the changes, and an entry of the log for each. `name` is that of the import.

    Raises ChangedMeanwhile and AlreadyImported.
    """
    new = [each for each in plan.changes if each.is_new]
    changed = [each for each in plan.changes if not each.is_new]
    # Django translates it when it is shown.
    message = json.dumps([{"added": {"name": _("import"), "object": name}}])
    with transaction.atomic():
        # Two presses of one person wait for each other here.
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if LogEntry.objects.filter(user=user.pk, change_message=message).exists():
            raise AlreadyImported
        _change(changed)
        Item.objects.bulk_create([each.item for each in new], batch_size=AT_ONCE)
        _set_collections([each for each in plan.changes if "collections" in each.fields])
        _set_pictures({each.item: each.pictures for each in plan.changes if each.pictures})
        for changes, flag in ((new, ADDITION), (changed, CHANGE)):
            items = [each.item for each in changes]
            LogEntry.objects.log_actions(user.pk, items, flag, message)


def _change(changes: list[Change]) -> None:
    """Save the changed fields, if they still are as staff saw them. Sales change only the stock."""
    keys = [each.item.pk for each in changes]
    stored = {each.pk: each for each in _locked(keys)}
    by_names = dict[tuple[str, ...], list[Item]]()
    for change in changes:
        item, names = change.item, [name for name in change.fields if name != "collections"]
        now = stored.get(item.pk)
        if now is None:
            raise ChangedMeanwhile
        for name in names:
            before, after = change.fields[name]
            if getattr(now, name) == before:
                continue
            if name != "stock":
                raise ChangedMeanwhile
            if None not in (now.stock, before, after):
                item.stock = max(0, now.stock + after - before)
                if stock_mistakes(item.stock):
                    raise ChangedMeanwhile  # the comparison is shown again, with this mistake
        by_names.setdefault((*names,), []).append(item)
    for changed_names, items in by_names.items():
        _update(items, changed_names)


def _update(items: list[Item], names: tuple[str, ...]) -> None:
    """Write these fields of stored items. Unlike bulk_update, this folds the texts."""
    folded = () if {"name", "description"}.isdisjoint(names) else ("name_words", "words")
    Item.objects.bulk_create(
        items,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=[*names, *folded, "updated_at"],
    )


def _locked(keys: list[int]) -> list[Item]:
    return list(Item.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def _set_collections(changes: list[Change]) -> None:
    Membership.objects.filter(item__in=[each.item.pk for each in changes]).delete()
    memberships = [
        Membership(item=each.item, collection=collection)
        for each in changes
        for collection in each.collections
    ]
    Membership.objects.bulk_create(memberships, batch_size=AT_ONCE)


def _set_pictures(changes: dict[Item, PictureChange]) -> None:
    """Write the pictures, numbered in their order, if they still are as staff saw them."""
    keys = [item.pk for item in changes]
    now = {key: list[Any]() for key in keys}
    for picture in Picture.objects.select_for_update().filter(item__in=keys):
        now[picture.item_id].append(_values(picture))
    new, kept, removed = list[Picture](), list[Picture](), list[int]()
    for item, change in changes.items():
        if now[item.pk] != _stored(change):
            raise ChangedMeanwhile
        removed += [each.pk for each in change.removed]
        for position, (picture, alternative) in enumerate(change.after, start=1):
            (new if picture.pk is None else kept).append(picture)
            picture.item, picture.alternative, picture.position = item, alternative, position
    Picture.objects.filter(pk__in=removed).delete()
    Picture.objects.bulk_update(kept, ["alternative", "position"], batch_size=AT_ONCE)
    Picture.objects.bulk_create(new, batch_size=AT_ONCE)
