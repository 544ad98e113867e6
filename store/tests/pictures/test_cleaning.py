"""What the shop stores of a picture that staff upload."""

import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from store.pictures.cleaning import MAX_BYTES, MAX_PIXELS, cleaned
from tests.support.photos import bomb, encoded, photo, plain, srgb
from tests.support.zips import grainy

RED, BLUE = (254, 0, 0), (0, 0, 254)


def store(content: bytes, **options: Any) -> tuple[str, bytes]:
    """The ending of the stored file's name, and its content."""
    file = cleaned(ContentFile(content, "IMG_0815.jpg"), **options)
    return str(file.name), file.read()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_metadata_is_not_stored(kind: str) -> None:
    sent = photo(kind)
    assert b"Anna" in sent
    _name, stored = store(sent)
    assert b"Anna" not in stored
    assert b"52 deg" not in stored
    image = opened(stored)
    assert dict(image.getexif()) == {}
    assert {"exif", "xmp", "comment"}.isdisjoint(image.info)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("JPEG", "picture.jpeg"),
        ("PNG", "picture.png"),
        ("GIF", "picture.png"),
        ("WEBP", "picture.webp"),
        ("AVIF", "picture.webp"),
    ],
)
def test_each_format_is_stored_in_one_that_browsers_show(kind: str, name: str) -> None:
    stored_name, stored = store(plain(kind))
    assert stored_name == name
    assert opened(stored).size == (40, 20)


def test_the_first_picture_of_several_is_stored() -> None:
    frames = [Image.new("RGB", (40, 20), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "PNG", "WEBP", "MPO"):
        _name, stored = store(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
        image = opened(stored)
        assert getattr(image, "n_frames", 1) == 1, kind
        red, green, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
        assert (red > 240, green < 15, blue < 15) == (True, True, True), kind


@pytest.mark.parametrize(
    ("orientation", "size", "is_red_first"),
    [
        (1, (40, 20), True),
        (2, (40, 20), False),
        (3, (40, 20), False),
        (4, (40, 20), True),
        (5, (20, 40), True),
        (6, (20, 40), True),
        (7, (20, 40), False),
        (8, (20, 40), False),
    ],
)
def test_a_picture_is_turned_upright(
    orientation: int, size: tuple[int, int], is_red_first: bool
) -> None:
    image = opened(store(photo(orientation=orientation))[1])
    assert image.size == size
    red, _green, _blue = image.getpixel((3, 3))  # type: ignore[misc]
    assert (red > 200) is is_red_first


def test_the_colour_profile_is_kept() -> None:
    image = Image.new("RGB", (40, 20), "red")
    for kind in ("JPEG", "PNG", "WEBP", "AVIF"):
        _name, stored = store(encoded(image, kind, icc_profile=srgb()))
        assert opened(stored).info["icc_profile"] == srgb(), kind
        assert "icc_profile" not in opened(store(encoded(image, kind))[1]).info, kind


@pytest.mark.parametrize("profile", [None, b"broken", srgb()])
def test_colours_for_print_are_changed_to_those_of_screens(profile: bytes | None) -> None:
    image = Image.new("CMYK", (40, 20), (0, 255, 255, 0))
    stored = opened(store(encoded(image, "JPEG", icc_profile=profile))[1])
    assert stored.mode == "RGB"
    red, green, blue = stored.getpixel((5, 5))  # type: ignore[misc]
    assert (red > 240, green < 15, blue < 15) == (True, True, True)


def test_a_profile_for_grey_is_left_out() -> None:
    profile = srgb()[:16] + b"GRAY" + srgb()[20:]
    grey = encoded(Image.new("L", (40, 20), 120), "PNG", icc_profile=profile)
    stored = opened(store(grey)[1])
    assert stored.getpixel((5, 5)) == (120, 120, 120)
    assert "icc_profile" not in stored.info


def test_grey_with_16_bits_stays_grey() -> None:
    image = Image.new("I;16", (40, 20), 120 * 256)
    assert opened(store(encoded(image, "PNG"))[1]).getpixel((5, 5)) == (120, 120, 120)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_stay_transparent(mode: str) -> None:
    image = Image.new("RGBA", (40, 20), (0, 0, 0, 0)).convert(mode)
    for kind in ("PNG", "WEBP"):
        if (mode, kind) == ("P", "WEBP"):
            continue
        options = {"transparency": 0} if mode == "P" else {}
        stored = opened(store(encoded(image, kind, **options))[1])
        assert stored.mode == "RGBA"
        assert stored.getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_larger_than_any_page_shows_is_stored_smaller(kind: str) -> None:
    sent = encoded(Image.new("RGB", (600, 300)), kind)
    assert opened(store(sent, max_side=200)[1]).size == (200, 100)
    assert opened(store(sent)[1]).size == (600, 300)


WRONG_KIND = "The shop can’t show this file. Choose a picture in JPEG, PNG, WebP, AVIF or GIF."
TOO_MANY_PIXELS = "The picture has more than 50 megapixels. Choose a smaller one."
DAMAGED = "The picture is damaged: it can’t be read to its end. Choose another file."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (plain("TIFF"), WRONG_KIND),
        (plain("EPS"), WRONG_KIND),
        (plain("BMP"), WRONG_KIND),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", WRONG_KIND),
        (b"MZ\x90\x00 a program", WRONG_KIND),
        (b"\xff\xd8\xff", WRONG_KIND),
        (plain("PNG", (400, 400))[:300], DAMAGED),
        (photo()[:-30], DAMAGED),
        (b"x" * (MAX_BYTES + 1), "The picture is larger than 20 MB. Choose a smaller one."),
        (bomb(13_000, 13_000), TOO_MANY_PIXELS),
        (bomb(20_000, 20_000), TOO_MANY_PIXELS),
        (bomb(MAX_PIXELS // 1000 + 1, 1000), TOO_MANY_PIXELS),
    ],
    ids=[
        *("tiff", "eps", "bmp", "svg", "program", "three bytes", "half png", "half jpeg"),
        *("bytes", "bomb", "large bomb", "one line too many"),
    ],
)
def test_another_file_is_refused_in_words(content: bytes, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        store(content)
    assert sentence in refused.value.messages[0]


def test_a_bomb_is_small() -> None:
    assert len(bomb(13_000, 13_000)) < 25_000


def test_broken_metadata_is_no_reason_to_refuse() -> None:
    sent = encoded(Image.new("RGB", (40, 20)), "JPEG", exif=b"Exif\0\0broken")
    assert opened(store(sent)[1]).size == (40, 20)


@pytest.mark.parametrize(
    "sent",
    [
        *(grainy(), grainy(icc_profile=srgb()), grainy(quality=100), photo(orientation=6)),
        *(grainy("PNG"), grainy("PNG", "RGBA"), grainy("GIF", "L"), grainy("AVIF")),
        *(grainy("WEBP"), grainy("WEBP", "RGBA", icc_profile=srgb())),
    ],
    ids=[
        *("jpeg", "jpeg with a profile", "better jpeg", "photo"),
        *("png", "transparent png", "gif", "avif", "webp", "transparent webp"),
    ],
)
def test_what_the_shop_has_stored_is_stored_unchanged(sent: bytes) -> None:
    _name, stored = store(sent)
    assert store(stored) == (_name, stored)


LIKE_STORED = {
    "with a comment": lambda: grainy(quality=90, comment=b"Anna"),
    "with more behind it": lambda: store(grainy())[1] + b"Anna",
    "with another scan behind it": lambda: store(grainy())[1] + b"\xff\xdaAnna\xff\xd9",
    "better": lambda: grainy(quality=95),
    "progressive": lambda: grainy(quality=90, progressive=True),
    "webp with a comment": lambda: grainy("WEBP", quality=90, xmp=b"Anna"),
    "webp with more behind it": lambda: store(grainy("WEBP"))[1] + b"Anna",
    "lossless webp": lambda: grainy("WEBP", lossless=True),
}


@pytest.mark.parametrize("name", LIKE_STORED)
def test_a_file_that_only_looks_like_a_stored_one_is_encoded(name: str) -> None:
    sent = LIKE_STORED[name]()
    _name, stored = store(sent)
    assert stored != sent
    assert b"Anna" not in stored


def test_a_stored_file_that_was_damaged_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        store(store(grainy())[1][:-40])
    assert refused.value.messages == [DAMAGED]


def test_a_stored_file_that_is_too_large_is_made_smaller() -> None:
    assert opened(store(store(grainy())[1], max_side=30)[1]).size == (30, 20)
