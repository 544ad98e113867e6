"""The files in the widths of the pages, which the worker makes."""

import errno
import io
from datetime import timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image

from store.models import Item, Picture
from store.pictures import sizes
from store.pictures.decoding import decode_smaller
from store.pictures.names import WIDTHS, widths_of
from store.pictures.unused import delete_unused
from tests.support.photos import encoded, srgb

pytestmark = pytest.mark.django_db


def add(item: Item, image: Image.Image, kind: str = "JPEG", **options: Any) -> Picture:
    content = ContentFile(encoded(image, kind, **options), f"picture.{kind.lower()}")
    return Picture.objects.create(item=item, image=content)


def make_next() -> list[Picture]:
    return list(islice(sizes.make_missing_sizes(), 1))


@pytest.mark.parametrize(
    ("width", "widths"),
    [(1, [1]), (160, [160]), (500, [160, 320, 480, 500]), (1440, [*WIDTHS]), (4000, [*WIDTHS])],
)
def test_no_file_is_wider_than_the_picture(width: int, widths: list[int]) -> None:
    assert widths_of(width) == widths


def test_one_picture_is_made_at_a_time(item: Item, media: Path) -> None:
    first, second = (add(item, Image.new("RGB", (500, 250), "red")) for _ in range(2))
    assert make_next() == [first]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.widths, first.needs_sizes) == ([160, 320, 480, 500], False)
    assert (second.widths, second.needs_sizes) == ([], True)
    make_next()
    assert make_next() == []
    for width in first.widths:
        with Image.open(media / f"{first.image.name}".replace(".jpeg", f"-{width}.webp")) as image:
            assert (image.format, image.size) == ("WEBP", (width, width // 2))
            assert not {"icc_profile", "exif", "xmp"} & set(image.info)


def test_the_page_shows_what_there_is(client: Client, item: Item) -> None:
    picture = add(item, Image.new("RGB", (500, 250)))
    assert f'src="/media/{picture.image.name}"' in client.get("/").text
    make_next()
    picture.refresh_from_db()
    page = client.get("/").text
    assert f'src="{picture.url(640)}" srcset="{picture.url(160)} 160w, ' in page


def test_colours_are_those_of_a_browser_without_a_profile(item: Item, media: Path) -> None:
    picture = add(item, Image.new("RGB", (200, 100), "red"), icc_profile=srgb())
    make_next()
    with Image.open(media / f"{picture.image.name}".replace(".jpeg", "-160.webp")) as image:
        red, green, blue = image.getpixel((5, 5))  # type: ignore[misc]
    assert (red > 245, green < 10, blue < 10) == (True, True, True)


def test_transparent_parts_stay_transparent(item: Item, media: Path) -> None:
    picture = add(item, Image.new("RGBA", (200, 100), (0, 0, 0, 0)), "PNG")
    make_next()
    with Image.open(media / f"{picture.image.name}".replace(".png", "-160.webp")) as image:
        assert image.getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_a_missing_file_stops_nothing(
    item: Item, media: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone, good = (add(item, Image.new("RGB", (200, 100))) for _ in range(2))
    (media / str(gone.image.name)).unlink()
    assert make_next() == [gone]
    assert make_next() == [good]
    assert make_next() == []
    gone.refresh_from_db()
    good.refresh_from_db()
    assert gone.widths == []
    assert good.widths == [160, 200]
    assert f"The sizes of picture {gone.pk} of item {item.pk} weren't made" in caplog.text


def test_a_picture_that_failed_is_tried_again_after_an_hour(
    item: Item, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = add(item, Image.new("RGB", (200, 100)))
    with monkeypatch.context() as patch:
        patch.setattr(sizes, "_write", fail)
        assert make_next() == [picture]
    assert make_next() == []
    Picture.objects.update(sizes_tried_at=timezone.now() - timedelta(minutes=61))
    assert make_next() == [picture]
    picture.refresh_from_db()
    assert (picture.widths, picture.needs_sizes) == ([160, 200], False)


def fail(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_picture_that_stops_the_worker_does_not_keep_the_others_waiting(
    item: Item, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (add(item, Image.new("RGB", (200, 100))) for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(sizes, "make_sizes", stop)
        with pytest.raises(KeyboardInterrupt):
            make_next()
    assert make_next() == [second]
    assert first.widths == []


def stop(_picture: Picture) -> None:
    raise KeyboardInterrupt  # stands for a process that is killed: no handler catches it


def test_the_sizes_of_a_picture_that_is_replaced_meanwhile_are_unused(
    item: Item, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = add(item, Image.new("RGB", (200, 100)))
    make = sizes.make_sizes

    def make_and_replace(each: Picture) -> list[int]:
        widths = make(each)
        Picture.objects.filter(pk=each.pk).update(image="items/new.jpeg")  # by another process
        return widths

    monkeypatch.setattr(sizes, "make_sizes", make_and_replace)
    assert make_next() == [picture]
    picture.refresh_from_db()
    assert (picture.widths, picture.needs_sizes) == ([], True)
    assert len([*delete_unused(at=timezone.now() + timedelta(hours=2))]) == 3
    assert [*media.rglob("*.*")] == []


def test_two_workers_at_once_do_no_harm(item: Item, media: Path) -> None:
    picture = add(item, Image.new("RGB", (200, 100)))
    sizes.make_sizes(picture)
    first = sorted(media.rglob("*.*"))
    make_next()
    assert sorted(media.rglob("*.*")) == first


def test_the_command_makes_missing_sizes_or_all(item: Item, media: Path) -> None:
    add(item, Image.new("RGB", (200, 100)))
    for options, count in (([], 1), ([], 0), (["--all"], 1)):
        output = StringIO()
        call_command("make_picture_sizes", *options, stdout=output)
        assert output.getvalue() == f"Sizes were made for {count} pictures.\n"


def test_a_picture_of_twelve_megapixels_is_decoded_with_fewer(item: Item) -> None:
    """The worker has little memory."""
    picture = add(item, Image.new("RGB", (4000, 3000)))
    with picture.image.open() as file, Image.open(io.BytesIO(file.read())) as image:
        decode_smaller(image, WIDTHS[-1])
        assert image.size == (2000, 1500)


class SlowDisk(FileSystemStorage):
    """Another worker writes each file right after this one has deleted it."""

    def delete(self, name: str) -> None:
        super().delete(name)
        if name.endswith("-40.webp") and not self.exists(name):
            Path(self.path(name)).write_bytes(b"of another worker")


def test_the_file_of_another_worker_stays(item: Item, media: Path, monkeypatch: Any) -> None:
    picture = add(item, Image.new("RGB", (40, 20), "red"))
    monkeypatch.setattr(Picture.image.field, "storage", SlowDisk(location=media))
    assert make_next() == [picture]
    (small,) = media.rglob("*.webp")
    assert small.read_bytes() == b"of another worker"
