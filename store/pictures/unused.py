"""Find the files of pictures that no row names."""

from collections.abc import Iterator
from datetime import datetime

from django.core.files.storage import Storage

from store.models import Collection, Picture, Shop
from store.pictures.names import stem

FIELDS = [
    (Picture, "image", "items"),
    (Collection, "picture", "collections"),
    (Shop, "logo", "shop"),
]


def unused_files(*, before: datetime) -> Iterator[tuple[Storage, str]]:
    """The files older than `before` whose picture is in no row: their storages and names."""
    for model, field_name, folder in FIELDS:
        names = model._default_manager.values_list(field_name, flat=True)
        used = {stem(name) for name in names.iterator()}
        storage = getattr(model(), field_name).storage
        for name in _files(storage, folder):
            if stem(name) not in used and storage.get_modified_time(name) < before:
                yield storage, name


def _files(storage: Storage, folder: str) -> list[str]:
    try:
        _folders, files = storage.listdir(folder)
    except FileNotFoundError:  # there is no picture yet
        return []
    return [f"{folder}/{each}" for each in files]
