"""Files of pictures, as cameras and programs write them."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image, ImageCms

# The light of a photo, and what stands in it.
SHAPES = ((6, 4), (60, 45))
GPS = b"52 deg 31' 12\" N"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def plain(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    return encoded(Image.new(mode, size, "red"), kind)


def photo(kind: str = "JPEG", orientation: int = 1) -> bytes:
    """40 by 20 pixels, red on the left and blue on the right, with the place where it was taken."""
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (20, 0, 40, 20))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Camera of Anna"
    exif[ExifTags.Base.ImageDescription] = GPS.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    options: dict[str, Any] = {"comment": b"Anna's comment"} if kind == "JPEG" else {}
    return encoded(image, kind, exif=exif, xmp=b"<x:xmpmeta>Anna</x:xmpmeta>", **options)


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kB with so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width // 8 + 1) * height, 9)
    chunks = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def large_photos(count: int) -> Iterator[bytes]:
    """Photos of 12 megapixels and 4 MB, each with other light and shapes, and with much grain."""
    grain = Image.effect_noise((4000, 3000), 42).convert("RGB")
    for _ in range(count):
        colours = [
            Image.effect_noise(size, 70).resize(grain.size) for size in SHAPES for _ in "RGB"
        ]
        light, shapes = Image.merge("RGB", colours[:3]), Image.merge("RGB", colours[3:])
        yield encoded(Image.blend(Image.blend(light, shapes, 0.35), grain, 0.3), "JPEG", quality=85)
