"""Read a file of items that staff send. Pictures of a zip file are cleaned and stored at once.

Until the import is confirmed they are unused files, which the worker deletes after a while. It
takes seconds to clean them, in which nobody could write on SQLite if it was done while importing.
"""

from collections import defaultdict
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext

from store.item_pictures import StoredFile, lines, name_key
from store.item_rows import ItemRow, name_cells
from store.models import Picture
from store.pictures.cleaning import cleaned
from store.tables import Unreadable, read
from store.zip_files import UploadedZip
from web.keys import as_key

MAX_NEW_PICTURES = 500


def read_items(file: UploadedFile) -> tuple[list[ItemRow], list[str]]:
    """The rows, and the names of the files in a zip file that no row names. Raises Unreadable."""
    name = file.name or ""
    if not name.lower().endswith(".zip"):
        return name_cells(read(name, file.read())), []
    with UploadedZip(file) as archive:
        rows = name_cells(read(*archive.table()))
        _store_pictures(rows, archive)
        return rows, archive.others(_keys(rows))


def _keys(rows: list[ItemRow]) -> list[str]:
    """The keys of the files that the rows name, as often as they name them."""
    return [name_key(line.name) for row in rows for line in lines(row.cells.get("pictures", ""))]


def _store_pictures(rows: list[ItemRow], archive: UploadedZip) -> None:
    """Store the pictures that the rows name, except those that the row's item has already."""
    if sum(key in archive.files for key in _keys(rows)) > MAX_NEW_PICTURES:
        text = gettext("The rows name more than %(count)d pictures. Send several zip files.")
        raise Unreadable(text % {"count": MAX_NEW_PICTURES})
    stored = defaultdict[int | None, list[Picture]](list)
    ids = [as_key(row.cells.get("id", "")) for row in rows]
    for picture in Picture.objects.filter(item__in=[each for each in ids if each is not None]):
        stored[picture.item_id].append(picture)
    for row, item_id in zip(rows, ids, strict=True):
        for key in _keys([row]):
            if key in archive.files and key not in row.files:
                row.files[key] = _stored(archive, key, stored[item_id])


def _stored(archive: UploadedZip, key: str, of_item: list[Picture]) -> StoredFile | str:
    """The stored file, or what is wrong with it. A picture of the item is taken only once."""
    try:
        file = cleaned(ContentFile(archive.picture(key)))
    except Unreadable as error:
        return str(error)
    except ValidationError as error:
        return error.messages[0]
    content = file.read()
    for picture in of_item:
        if _has_content(picture, content):
            of_item.remove(picture)
            return StoredFile(picture.image.name or "", 0, 0, is_new=False)
    new = Picture()
    new.image.save(file.name or "", file, save=False)
    return StoredFile(new.image.name or "", new.image.width, new.image.height, is_new=True)


def _has_content(picture: Picture, content: bytes) -> bool:
    with suppress(FileNotFoundError):
        if picture.image.size == len(content):
            with picture.image.open("rb") as file:
                return bool(file.read() == content)
    return False


def are_stored(rows: list[ItemRow]) -> bool:
    """Whether the new pictures are still there."""
    return all(default_storage.exists(each.name) for each in _new_files(rows))


def discard(rows: list[ItemRow]) -> None:
    """Delete the new pictures: the file won't be imported."""
    for each in _new_files(rows):
        default_storage.delete(each.name)


def _new_files(rows: list[ItemRow]) -> list[StoredFile]:
    files = [file for row in rows for file in row.files.values()]
    return [each for each in files if isinstance(each, StoredFile) and each.is_new]
