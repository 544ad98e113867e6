"""A table and its pictures in one zip file.

docs/decisions/0011-tables-with-csv-and-openpyxl.md
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from shutil import copyfileobj, disk_usage
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import close_old_connections
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext

from store.item_pictures import base_name, name_key
from store.item_rows import rows
from store.models import Item
from store.pictures.cleaning import MAX_BYTES, too_large
from store.tables import (
    MAX_FILE_BYTES,
    MAX_UNPACKED_BYTES,
    PACKED_AS,
    Unreadable,
    csv_lines,
    export_folder,
)

MAX_MEMBERS = 2_000
ENTRY = b"PK\x01\x02"  # what the entry of a member begins with
UTF_8 = 0x800  # a flag: the name is in UTF-8
# Windows and macOS write names without the flag in one of these.
CODE_PAGES = ("utf-8", "cp437", "cp866")
TABLES = (".csv", ".xlsx")
MAX_ZIP_BYTES = 2_000_000_000  # of an export


class UploadedZip:
    """The table and the pictures of a zip file, by the names without folders.

    Raises Unreadable, also when a member is read.
    """

    def __init__(self, file: UploadedFile) -> None:
        # A member without content needs 50 bytes in the file, and ten times as many in memory.
        if sum(chunk.count(ENTRY) for chunk in file.chunks()) > MAX_MEMBERS:
            text = gettext("The zip file has more than %(count)d files. Split it.")
            raise Unreadable(text % {"count": MAX_MEMBERS})
        try:
            self.archive = ZipFile(file)
        except Exception as error:  # zipfile raises errors of several classes
            raise Unreadable(
                gettext("The file isn’t a readable zip file. Pack it anew.")
            ) from error
        if sum(each.file_size for each in self.archive.infolist()) > MAX_UNPACKED_BYTES:
            text = gettext("The zip file unpacks to more than %(size)d MB. Split it.")
            raise Unreadable(text % {"size": MAX_UNPACKED_BYTES // 1_000_000})
        self.tables = list[ZipInfo]()
        self.files = dict[str, list[ZipInfo]]()
        for member in self.archive.infolist():
            if _is_of_system(member):
                continue
            if member.filename.lower().endswith(TABLES):
                self.tables.append(member)
                continue
            for key in {name_key(name) for name in _names(member)}:
                self.files.setdefault(key, []).append(member)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.archive.close()

    def table(self) -> tuple[str, bytes]:
        """The name and the content of the table."""
        if not self.tables:
            raise Unreadable(gettext("The zip file has no table, a file in CSV or XLSX."))
        if len(self.tables) > 1:
            raise Unreadable(gettext("The zip file has more than one table. Leave one in it."))
        [member] = self.tables
        if member.file_size > MAX_FILE_BYTES:
            raise Unreadable(gettext("The table is larger than 10 MB. Split it."))
        return member.filename, self._content(member)

    def picture(self, key: str) -> bytes:
        members = self.files[key]
        if len(members) > 1:
            raise Unreadable(gettext("The zip file has several files with this name. Rename them."))
        if members[0].file_size > MAX_BYTES:
            raise Unreadable(too_large())
        return self._content(members[0])

    def others(self, keys: Iterable[str]) -> list[str]:
        """The names of the files that aren't asked for by these keys, and aren't the table."""
        taken = {member for key in keys for member in self.files.get(key, [])}
        members = {each for some in self.files.values() for each in some}
        return sorted({base_name(_names(each)[0]) for each in members - taken})

    def _content(self, member: ZipInfo) -> bytes:
        """Unpack it: never to more than the size that it gives, which was checked."""
        try:
            if member.compress_type not in PACKED_AS:
                raise BadZipFile
            with self.archive.open(member) as file:
                return file.read(member.file_size)  # without a size, it would unpack all
        except Exception as error:  # as above
            raise Unreadable(
                gettext("The file can’t be unpacked: it is damaged, or protected by a password.")
            ) from error


def _names(member: ZipInfo) -> list[str]:
    """How its name may be meant, the likeliest first."""
    if member.flag_bits & UTF_8:
        return [member.filename]
    names = list[str]()
    for code_page in CODE_PAGES:
        with suppress(UnicodeDecodeError):
            names.append(member.orig_filename.encode("cp437").decode(code_page))
    return names


def _is_of_system(member: ZipInfo) -> bool:
    """Whether it is a folder, or a file that a system has added and doesn't show."""
    folders = member.filename.split("/")
    name = base_name(member.filename)
    return (
        not name
        or "__MACOSX" in folders
        or name.startswith((".", "~$"))
        or name.lower() in ("thumbs.db", "desktop.ini")
    )


class TooLarge(Exception):
    """The pictures are too many for one file. The message tells staff what to do."""


def zip_of(items: Iterable[Item]) -> IO[bytes]:
    """A temporary file with `items.csv` and the pictures. Raises TooLarge."""
    names = list[str]()
    table = "".join(csv_lines(rows(_noting_pictures(items, names)))).encode()
    close_old_connections()  # other requests can use this one while the files are copied
    names = [name for name in names if default_storage.exists(name)]
    folder = export_folder()
    size = sum(map(default_storage.size, names))
    most = min(MAX_ZIP_BYTES, disk_usage(folder).free // 2)
    if size > most:
        text = gettext(
            "The pictures have %(size)s together, at most %(most)s fit. Filter the list."
        )
        raise TooLarge(text % {"size": filesizeformat(size), "most": filesizeformat(most)})
    file = TemporaryFile(dir=folder)  # noqa: SIM115  # the response closes it
    with ZipFile(file, "w") as archive:
        archive.writestr(_dated("items.csv"), table)
        for name in names:
            member = _dated(f"pictures/{base_name(name)}")
            with default_storage.open(name) as source, archive.open(member, "w") as target:
                copyfileobj(source, target)
    file.seek(0)
    return file


def _noting_pictures(items: Iterable[Item], names: list[str]) -> Iterator[Item]:
    for item in items:
        names += [picture.image.name or "" for picture in item.pictures.all()]
        yield item


def _dated(name: str) -> ZipInfo:
    return ZipInfo(name, timezone.localtime().timetuple()[:6])
