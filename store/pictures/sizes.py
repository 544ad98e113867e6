"""The files with a picture in the widths that pages use, which lie beside the picture."""

import io
import logging
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db.models import Q
from django.utils import timezone
from PIL import Image

from store.models import Picture
from store.pictures.decoding import decode_smaller, in_srgb
from store.pictures.names import WIDTHS, sized_name, widths_of

logger = logging.getLogger(__name__)

FAILED = (
    "The sizes of picture %s of item %s weren't made. Pages show it as it was uploaded; the worker"
    " tries again in an hour."
)
TRY_AGAIN_AFTER = timedelta(hours=1)
# Cards are small and many; the larger ones are looked at.
QUALITIES = [(480, 52), (WIDTHS[-1], 75)]


def make_missing_sizes() -> Iterator[Picture]:
    """Make the sizes of the pictures that lack them, one picture after the other."""
    while picture := _next_picture():
        # Stored first: a picture that needs too much memory would stop the worker again and again.
        Picture.objects.filter(pk=picture.pk).update(sizes_tried_at=timezone.now())
        try:
            widths = make_sizes(picture)
        except Exception:  # the file is gone, or the disk is full
            logger.exception(FAILED, picture.pk, picture.item_id)
        else:
            # Staff may have replaced the picture meanwhile; these files are unused then.
            same = Picture.objects.filter(pk=picture.pk, image=picture.image.name)
            same.update(widths=widths, needs_sizes=False)
        yield picture


def _next_picture() -> Picture | None:
    is_due = Q(sizes_tried_at=None) | Q(sizes_tried_at__lt=timezone.now() - TRY_AGAIN_AFTER)
    return Picture.objects.filter(is_due, needs_sizes=True).order_by("pk").first()


def make_sizes(picture: Picture) -> list[int]:
    """Write the files, and return their widths."""
    name, storage = picture.image.name or "", picture.image.storage
    with storage.open(name) as file, Image.open(file) as image:
        widths = widths_of(image.width)
        decode_smaller(image, widths[-1])
        image.load()  # its file is closed below
        plain = in_srgb(image)
    for width in widths:
        _write(storage, sized_name(name, width), _encoded(plain, width))
    return widths


def _encoded(image: Image.Image, width: int) -> bytes:
    height = max(1, round(image.height * width / image.width))
    quality = next(quality for most, quality in QUALITIES if width <= most)
    content = io.BytesIO()
    small = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.save(content, "WEBP", quality=quality)
    return content.getvalue()


def _write(storage: Storage, name: str, content: bytes) -> None:
    """Write the file, or leave it if another worker has just written it."""
    storage.delete(name)
    written = storage.save(name, ContentFile(content))
    if written != name:
        storage.delete(written)
