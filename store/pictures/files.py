"""Delete the files of pictures that are replaced or deleted."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, pre_save


def delete_with_row(model: type[Model], field_name: str) -> None:
    """Delete the files of a row when it is deleted, or gets another picture: after the commit.

    The model has a method `file_names`.
    """

    def before_save(instance: Any, raw: bool = False, **_kwargs: Any) -> None:
        stored = None if raw else model._default_manager.filter(pk=instance.pk).first()
        if stored and getattr(stored, field_name).name != getattr(instance, field_name).name:
            after_delete(stored)

    def after_delete(instance: Any, **_kwargs: Any) -> None:
        delete = partial(delete_files, getattr(instance, field_name).storage, instance.file_names())
        transaction.on_commit(delete, robust=True)

    pre_save.connect(before_save, sender=model, weak=False)
    post_delete.connect(after_delete, sender=model, weak=False)


def delete_files(storage: Storage, names: Iterable[str]) -> None:
    for name in names:
        storage.delete(name)
