"""Zip files with items and pictures, as staff send them."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZipFile

from PIL import Image

from tests.support.photos import encoded


def zip_with(files: Mapping[str, bytes | str]) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, file in files.items():
            archive.writestr(name, file)
    return content.getvalue()


def grainy(kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    """A picture that loses something each time it is encoded in a lossy format."""
    grain = [Image.effect_noise((60, 40), 70) for _ in mode]
    return encoded(Image.merge(mode, grain), kind, **options)
