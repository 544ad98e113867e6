"""The logo as square icons, for browsers' tabs and the start screens of phones."""

import io

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from PIL import Image, ImageOps

from store.pictures.decoding import in_srgb
from store.pictures.names import ICON_SIDES, icon_name


def make_icons(logo: FieldFile) -> None:
    """Write an icon of each side beside the logo, which is read from its file."""
    with logo.storage.open(logo.name or "") as file, Image.open(file) as image:
        image.load()  # its file is closed below
        plain = in_srgb(image).convert("RGBA")
    for side in ICON_SIDES:
        content = io.BytesIO()
        ImageOps.pad(plain, (side, side), color=(0, 0, 0, 0)).save(content, "PNG", optimize=True)
        logo.storage.save(icon_name(logo.name or "", side), ContentFile(content.getvalue()))
