"""Recognise pictures as the shop stores them, like those of an export.

They are stored as they are: to encode them again would lose quality each time.
"""

import re
import struct

from PIL import Image

from store.pictures.decoding import rgb_profile

START_OF_FRAME = b"\xff\xc0\x00\x11\x08"  # in a JPEG, height and width follow
START_OF_SCAN = b"\xff\xda"
END_OF_JPEG = b"\xff\xd9"
SCAN_HEADER = 12  # its bytes after the marker
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
WEBP_CHUNKS = {b"VP8X", b"ICCP", b"ALPH", b"VP8 "}


def is_stored_form(content: bytes, image: Image.Image, blank: bytes) -> bool:
    """Whether the shop could have encoded it.

    `blank` is what the shop encodes of 16 by 16 pixels in the same format, with the same profile.
    """
    if image.info.get("icc_profile") != rgb_profile(image):
        return False
    if image.format == "JPEG":
        return _is_jpeg_like(content, image, blank)
    return image.format == "WEBP" and _has_only_pixels(content)


def _is_jpeg_like(content: bytes, image: Image.Image, blank: bytes) -> bool:
    """All before the pixels is the same, and nothing follows them."""
    width, height = image.size
    blank = blank.replace(
        START_OF_FRAME + struct.pack(">HH", 16, 16),
        START_OF_FRAME + struct.pack(">HH", height, width),
    )
    head, _marker, scan = content.rpartition(START_OF_SCAN)
    expected, _marker, blank_scan = blank.rpartition(START_OF_SCAN)
    if (head, scan[:SCAN_HEADER]) != (expected, blank_scan[:SCAN_HEADER]):
        return False
    end = MARKER.search(scan)
    return end is not None and scan[end.start() :] == END_OF_JPEG


def _has_only_pixels(content: bytes) -> bool:
    """The WebP file has one frame, lossy, and no metadata but a profile."""
    names, at = list[bytes](), 12
    while at + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        names.append(name)
        at += 8 + length + length % 2
    is_whole = at == len(content) == int.from_bytes(content[4:8], "little") + 8
    return is_whole and len(names) == len(set(names)) and WEBP_CHUNKS.issuperset(names)
