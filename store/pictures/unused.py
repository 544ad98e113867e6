"""Delete the files of pictures that no row names: those that were replaced or deleted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage

from store.models import Collection, Picture, Shop
from store.pictures.names import stem

FIELDS: list[tuple[Any, str, str]] = [
    (Picture, "image", "items"),
    (Collection, "picture", "collections"),
    (Shop, "logo", "shop"),
]
# A form that is being saved has written its files before its rows.
UNUSED_AFTER = timedelta(hours=1)


def delete_unused(*, at: datetime) -> Iterator[str]:
    """Delete the unused files one by one, and return their names."""
    for storage, name in unused_files(at=at):
        storage.delete(name)
        yield name


def unused_files(*, at: datetime) -> Iterator[tuple[Storage, str]]:
    """The files, older than an hour, whose picture is in no row: their storages and names.

    Without any picture in the database there are none: it may be a new one beside old files.
    """
    stems = {stem(name) for model, field, _ in FIELDS for name in _names(model, field)}
    if not stems:
        return
    for model, field, folder in FIELDS:
        storage = getattr(model(), field).storage
        for name in _files(storage, folder):
            if stem(name) not in stems and storage.get_modified_time(name) < at - UNUSED_AFTER:
                yield storage, name


def _names(model: Any, field: str) -> Iterator[str]:
    names = model.objects.exclude(**{field: ""}).values_list(field, flat=True)
    return names.iterator()  # type: ignore[no-any-return]


def _files(storage: Storage, folder: str) -> list[str]:
    try:
        _folders, files = storage.listdir(folder)
    except FileNotFoundError:  # there is no picture yet
        return []
    return [f"{folder}/{each}" for each in files]
