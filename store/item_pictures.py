"""The pictures of an item as a cell of a file: a line for each, like `front.jpg | A blue mug`."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.forms import CharField
from django.utils.translation import gettext, ngettext

from store.models import Item, Picture
from store.models.picture import MAX_PICTURES

SEPARATOR = "|"  # Windows doesn't allow it in the name of a file
ALTERNATIVE = CharField(
    required=False, max_length=Picture._meta.get_field("alternative").max_length
)


class StoredFile(NamedTuple):
    """A picture of a zip file, as the shop has stored it."""

    name: str
    width: int
    height: int
    is_new: bool  # False if the item had a picture with the same content


class PictureLine(NamedTuple):
    name: str  # of the file, without folders
    alternative: str


class Wanted(NamedTuple):
    """A picture that an item gets or keeps."""

    picture: Picture
    alternative: str


@dataclass(frozen=True)
class PictureChange:
    """The pictures that an item has, and those that it should have, in their order."""

    before: list[Picture]
    after: list[Wanted]

    @property
    def new(self) -> list[Wanted]:
        return [each for each in self.after if each.picture.pk is None]

    @property
    def kept(self) -> list[Wanted]:
        return [each for each in self.after if each.picture.pk is not None]

    @property
    def removed(self) -> list[Picture]:
        kept = [each.picture for each in self.kept]
        return [each for each in self.before if each not in kept]

    @property
    def with_new_text(self) -> list[Wanted]:
        return [
            each for each in self.kept if one_line(each.picture.alternative) != each.alternative
        ]

    @property
    def is_reordered(self) -> bool:
        kept = [each.picture for each in self.kept]
        return kept != [each for each in self.before if each in kept]

    @property
    def in_words(self) -> list[str]:
        new, removed, described = len(self.new), len(self.removed), len(self.with_new_text)
        counted = [
            (new, ngettext("%(count)d new picture", "%(count)d new pictures", new)),
            (removed, ngettext("%(count)d picture removed", "%(count)d pictures removed", removed)),
            (
                described,
                ngettext(
                    "%(count)d text alternative changed",
                    "%(count)d text alternatives changed",
                    described,
                ),
            ),
            (self.is_reordered, gettext("order of the pictures changed")),
        ]
        return [text % {"count": count} for count, text in counted if count]


def cell_of(pictures: Iterable[Picture]) -> str:
    return "\n".join(_line(each) for each in pictures)


def _line(picture: Picture) -> str:
    name, text = base_name(picture.image.name or ""), one_line(picture.alternative)
    return f"{name} {SEPARATOR} {text}" if text else name


def lines(cell: str) -> list[PictureLine]:
    """The lines, at most one more than an item may have pictures."""
    written = islice(filter(str.strip, StringIO(cell, newline=None)), MAX_PICTURES + 1)
    parts = [line.partition(SEPARATOR) for line in written]
    return [
        PictureLine(base_name(name.strip()), one_line(text)) for name, _separator, text in parts
    ]


def base_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def name_key(path: str) -> str:
    """What two spellings of a name have in common: macOS takes letters and accents apart."""
    return unicodedata.normalize("NFC", base_name(path)).casefold()


def one_line(text: str) -> str:
    return " ".join(text.split())


def change_of(item: Item, cell: str, files: Mapping[str, StoredFile | str]) -> PictureChange | None:
    """What the cell changes; None if nothing. The files, or what is wrong with them, are by key.

    Raises ValidationError with all mistakes of the cell.
    """
    named = lines(cell)
    if len(named) > MAX_PICTURES:
        text = gettext("An item can have at most %(count)d pictures.")
        raise ValidationError(text % {"count": MAX_PICTURES})
    before = [] if item.pk is None else list(item.pictures.all())
    after, errors = list[Wanted](), list[str]()
    for line in named:
        try:
            wanted = _wanted(line, before, files)
            if wanted.picture.image.name in [each.picture.image.name for each in after]:
                raise ValidationError(gettext("The row names this picture twice."))
            after.append(wanted)
        except ValidationError as error:
            errors += [f"{line.name}: {message}" for message in error.messages]
    if errors:
        raise ValidationError(errors)
    change = PictureChange(before, after)
    is_same = before == [each.picture for each in after] and not change.with_new_text
    return None if is_same else change


def _wanted(
    line: PictureLine, before: list[Picture], files: Mapping[str, StoredFile | str]
) -> Wanted:
    """The item's picture that the line names, or a new one. Raises ValidationError."""
    key = name_key(line.name)
    file = files.get(key)
    if isinstance(file, str):
        raise ValidationError(file)
    alternative = ALTERNATIVE.clean(line.alternative)
    for picture in before:
        name = picture.image.name or ""
        if name == file.name if file else name_key(name) == key:
            return Wanted(picture, alternative)
    if file is None or not file.is_new:
        raise ValidationError(
            gettext(
                "Neither the item nor a zip file has this picture. Each line of the cell names one."
            )
        )
    picture = Picture(image=file.name, width=file.width, height=file.height)
    return Wanted(picture, alternative)
