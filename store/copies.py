"""Copies of items: a merchant changes a copy where a new item is like an old one."""

from contextlib import suppress

from django.core.files import File
from django.utils.translation import gettext

from store.models import Item, Picture


def copy_item(item: Item, *, with_pictures: bool) -> Item:
    """Add a hidden copy with the same collections, and perhaps with its own files of the pictures.

    Call it in a transaction.
    """
    copy = Item.objects.get(pk=item.pk)
    copy.pk, copy._state.adding, copy.is_listed = None, True, False
    longest = Item._meta.get_field("name").max_length
    copy.name = (gettext("%(name)s (copy)") % {"name": item.name})[:longest]
    copy.save()
    copy.collections.set(item.collections.all())
    if with_pictures:
        copy_pictures(item, copy)
    return copy


def copy_pictures(item: Item, copy: Item) -> None:
    """Add the pictures to `copy`, except those whose file is gone."""
    for picture in item.pictures.all():
        with suppress(FileNotFoundError), picture.image.open("rb") as file:
            Picture.objects.create(
                item=copy,
                image=File(file, name=picture.image.name),
                alternative=picture.alternative,
                position=picture.position,
            )
