"""What has to be known about a picture before it is stored in another format."""

import io

from PIL import ExifTags, Image, ImageCms

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """What makes it upright, after what the camera wrote."""
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged metadata is no reason to refuse a picture
        return None


def decode_smaller(image: Image.Image, width: int) -> None:
    """Let a JPEG be decoded with fewer pixels, though with at least this width."""
    image.draft(None, (width, image.height * width // image.width))


def rgb_profile(image: Image.Image) -> bytes | None:
    """The colour profile, unless it is for grey or for print."""
    profile = image.info.get("icc_profile")
    return profile if profile and profile[16:20] == b"RGB " else None


def in_rgb(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a colour, in RGB or, if parts are transparent, RGBA."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode == "CMYK":
        return in_srgb(image)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)  # convert would copy it


def in_srgb(image: Image.Image) -> Image.Image:
    """The picture in the colours that a browser shows without a profile."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    profile = image.info.get("icc_profile")
    if not profile:
        return image if image.mode == mode else image.convert(mode)
    try:
        source, target = (
            ImageCms.getOpenProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
        )
        converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError):  # the profile is damaged
        return image.convert(mode)
    assert converted is not None  # it isn't converted in place
    return converted
