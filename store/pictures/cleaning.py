"""Check a picture that staff upload, and make the file that the shop stores of it.

The size in bytes and in pixels is checked before the picture is decoded: a file of 20 kB may need
500 MB of memory then.
"""

import io
from threading import Lock
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image

from store.pictures.decoding import decode_smaller, in_rgb, rgb_profile, turn_of
from store.pictures.own_files import is_stored_form

# How each format that Pillow reads is stored. Lossless ones stay lossless. Phones write MPO, which
# is a JPEG with more pictures behind the first one.
JPEG: dict[str, Any] = {"format": "JPEG", "quality": 90}
PNG: dict[str, Any] = {"format": "PNG"}
WEBP: dict[str, Any] = {"format": "WEBP", "quality": 90, "method": 2}
STORED_AS = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG, "GIF": PNG, "WEBP": WEBP, "AVIF": WEBP}
READ = [name for name in STORED_AS if name != "MPO"]  # Pillow reads that as JPEG

MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
# No page shows more, and the worker needs less memory than for all pixels.
MAX_SIDE = 4000

# A picture of 50 megapixels needs 200 MB while it is decoded.
_one_at_a_time = Lock()


def cleaned(file: "File[bytes]", *, max_side: int = MAX_SIDE) -> "File[bytes]":
    """The first frame of the picture, upright and without metadata, in a format of browsers.

    Raises ValidationError with a sentence for people.
    """
    if (file.size or 0) > MAX_BYTES:
        raise ValidationError(too_large())
    with _one_at_a_time:
        image = _opened(file)
        stored_as = STORED_AS[image.format or ""]
        try:
            content = _if_stored_form(file, image, max_side, stored_as) or _encoded(
                image, max_side, stored_as
            )
        except Exception as error:  # a damaged file makes Pillow raise almost anything
            raise ValidationError(
                _("The picture is damaged: it can’t be read to its end. Choose another file.")
            ) from error
    return ContentFile(content, f"picture.{stored_as['format'].lower()}")


def too_large() -> str:
    most = {"most": MAX_BYTES // 1_000_000}
    return _("The picture is larger than %(most)s MB. Choose a smaller one.") % most


def _opened(file: "File[bytes]") -> Image.Image:
    """Read the head of the file. Raises ValidationError if the rest should not be read."""
    too_many = ValidationError(
        _("The picture has more than %(most)s megapixels. Choose a smaller one.")
        % {"most": MAX_PIXELS // 1_000_000}
    )
    try:
        file.seek(0)
        image = Image.open(file, formats=READ)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many from error
    except Exception as error:  # as above
        raise ValidationError(
            _(
                "The shop can’t show this file. Choose a picture in JPEG, PNG, WebP, AVIF or GIF."
                " SVG isn’t accepted, because it can contain programs."
            )
        ) from error
    if image.width * image.height > MAX_PIXELS:
        raise too_many
    return image


def _if_stored_form(
    file: "File[bytes]", image: Image.Image, max_side: int, stored_as: dict[str, Any]
) -> bytes | None:
    """The content of the file if the shop would store it so. Raises errors if it is damaged."""
    if max(image.size) > max_side or image.format not in ("JPEG", "WEBP"):
        return None  # the other formats lose nothing
    file.seek(0)
    content: bytes = file.read()
    blank = Image.new("RGB", (16, 16))
    blank.info["icc_profile"] = image.info.get("icc_profile")
    if not is_stored_form(content, image, _encoded(blank, max_side, stored_as)):
        return None
    image.load()
    return content


def _encoded(image: Image.Image, max_side: int, stored_as: dict[str, Any]) -> bytes:
    profile = rgb_profile(image)
    turn = turn_of(image)
    decode_smaller(image, image.width * max_side // max(image.size))
    image = in_rgb(image)
    image.thumbnail((max_side, max_side), reducing_gap=3.0)
    if turn is not None:
        image = image.transpose(turn)
    image.info.clear()  # formats write some of it
    content = io.BytesIO()
    image.save(content, **stored_as, icc_profile=profile)
    return content.getvalue()
