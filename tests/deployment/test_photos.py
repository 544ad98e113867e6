"""The list with 24 photos as phones take them, on a phone: bytes, first paint, movement."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support import browsers
from tests.support.photos import large_photos
from tests.support.public_shop import PublicShop

PHOTOS = 24
ALL_BYTES, BYTES_BEFORE_PAINT = 150_000, 60_000
ADD = """
from pathlib import Path
from django.core.files import File
from store.models import Item, Picture
from store.pictures.cleaning import cleaned
from store.pictures.sizes import make_missing_sizes
Picture.objects.all().delete()
for item, path in zip(Item.objects.listed()[:24], sorted(Path({folder!r}).iterdir())):
    with path.open("rb") as file:
        Picture.objects.create(item=item, image=cleaned(File(file)))
print(len(list(make_missing_sizes())))
"""
# Of a phone with a middling connection: a picture doesn't arrive before the page is painted.
NETWORK = {"offline": False, "latency": 60, "downloadThroughput": 500_000, "uploadThroughput": -1}
# Files wider than the place, in the screen's pixels; the smallest file may be wider. A place that
# is filled shows only the middle of a wide picture.
TOO_WIDE = """() => [...document.querySelectorAll("main img")]
  .filter((each) => each.complete && each.naturalWidth && each.clientWidth)
  .map((each) => [
    Number(each.currentSrc.match(/-(\\d+)\\.webp/)?.[1] ?? Infinity),
    Math.max(each.clientWidth, each.clientHeight * each.naturalWidth / each.naturalHeight)
      * devicePixelRatio,
  ])
  .filter(([file, place]) => file > Math.max(160, 1.5 * place))"""
MEASURED = """() => new Promise((resolve) => {
  let movement = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) movement += each.value;
  }).observe({ type: "layout-shift", buffered: true });
  const paint = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const loaded = performance.getEntries()
    .filter((each) => ["navigation", "resource"].includes(each.entryType))
    .map((each) => [
      each.name.includes("/media/items/"), each.transferSize, each.responseEnd <= paint,
    ]);
  setTimeout(() => resolve({ loaded, movement }), 200);
})"""


@pytest.fixture(scope="module")
def photos(public: PublicShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photos, which are the pictures of the list from then on."""
    folder = tmp_path_factory.mktemp("photos")
    for number, content in enumerate(large_photos(PHOTOS)):
        (folder / f"{number:02}.jpg").write_bytes(content)
    assert public.run_python(ADD.format(folder=str(folder))) == str(PHOTOS)
    return folder


@pytest.fixture
def phone(browser: Browser, public: PublicShop, photos: Path) -> Iterator[Page]:
    options: dict[str, Any] = {"ignore_https_errors": True, "device_scale_factor": 2}
    options["viewport"] = {"width": 360, "height": 740}
    context = browsers.new_context(browser, public.address, **options)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    yield page
    context.close()


def test_photos_have_4_megabytes(photos: Path) -> None:
    sizes = [each.stat().st_size for each in photos.iterdir()]
    assert len(sizes) == PHOTOS
    assert min(sizes) > 3_500_000


def test_a_list_of_photos_is_small_on_a_phone(phone: Page) -> None:
    phone.goto("/", wait_until="networkidle")
    assert phone.locator(".item-card img").count() == PHOTOS
    measured = phone.evaluate(MEASURED)
    pictures = [size for is_picture, size, _is_early in measured["loaded"] if is_picture]
    total = sum(size for _kind, size, _is_early in measured["loaded"])
    early = sum(size for _kind, size, is_early in measured["loaded"] if is_early)
    told = f"{len(pictures)} pictures with {sum(pictures)} bytes, {total} in all, {early} early"
    assert len(pictures) >= 4, told
    assert total <= ALL_BYTES, told
    assert early <= BYTES_BEFORE_PAINT, told
    assert measured["movement"] == 0
    print(told)  # noqa: T201  # for the documentation


def test_the_whole_list_is_measured_by_scrolling(phone: Page) -> None:
    """The limit above is for what a phone loads without scrolling."""
    phone.goto("/", wait_until="networkidle")
    for card in phone.locator(".item-card").all():
        card.scroll_into_view_if_needed()
    phone.wait_for_function(
        "[...document.querySelectorAll('.item-card img')].every((each) => each.naturalWidth)"
    )
    measured = phone.evaluate(MEASURED)
    sizes = [size for is_picture, size, _is_early in measured["loaded"] if is_picture]
    told = f"{len(sizes)} pictures of the whole list with {sum(sizes)} bytes"
    assert len(sizes) == PHOTOS, told
    assert sum(sizes) <= PHOTOS * 25_000, told
    assert measured["movement"] == 0
    print(told)  # noqa: T201  # for the documentation


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/", "/item/1"])
def test_stored_sizes_fit_their_places(phone: Page, path: str, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 740})
    phone.goto(path, wait_until="networkidle")
    assert phone.locator("main img").count() > 0
    assert phone.evaluate(TOO_WIDE) == []
