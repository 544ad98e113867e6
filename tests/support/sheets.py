"""A sheet with the pictures of one page: wide and narrow, light and dark, in two languages.

`make gallery` sets GALLERY to the folder for the sheets. The pictures in full size are in
var/gallery/.
"""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page

from tests.support.processes import ROOT

WIDTHS = {1280: 400, 360: 180}  # of the screen, and of its picture in a sheet
MOST_SHOWN = {1280: 1100, 360: 1500}  # the height of a page in its sheet
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GAP = 12
GROUND = "#8a8a8a"
FULL_SIZE = ROOT / "var/gallery"
MAX_BYTES = 2_200_000
# Lazy pictures too: they are in the picture of the whole page.
LOAD_PICTURES = """() => Promise.all([...document.images].map((each) => {
  each.loading = "eager";
  return each.decode().catch(() => {});
}))"""


def take_pictures(page: Page, name: str) -> list[Image.Image]:
    """Take each width, in the light and in the dark scheme."""
    page.evaluate("document.activeElement.blur()")
    FULL_SIZE.mkdir(parents=True, exist_ok=True)
    pictures = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(LOAD_PICTURES)
            _draw_frames(page, width)
            picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
            picture.save(FULL_SIZE / f"{name}-{width}-{scheme}.png")
            pictures.append(picture)
    return pictures


def _draw_frames(page: Page, width: int) -> None:
    """Frames are drawn only inside of the window, so it becomes as high as the page."""
    if page.locator("iframe:visible").count():
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)


def write_sheet(name: str, languages: Sequence[Sequence[Image.Image]]) -> None:
    """Write the pictures into one file, unless the tests only test."""
    if not (folder := os.environ.get("GALLERY")):
        return
    small = [[_small(picture) for picture in pictures] for pictures in languages]
    # The wide pictures of one scheme are one above the other; each narrow picture has its column.
    wide = [list(pictures) for pictures in zip(*(each[:2] for each in small), strict=True)]
    columns = [*wide, *([picture] for each in small for picture in each[2:])]
    width = GAP + sum(column[0].width + GAP for column in columns)
    height = GAP + max(sum(each.height + GAP for each in column) for column in columns)
    sheet = Image.new("RGB", (width, height), GROUND)
    left = GAP
    for column in columns:
        top = GAP
        for picture in column:
            sheet.paste(picture, (left, top))
            top += picture.height + GAP
        left += column[0].width + GAP
    Path(folder).mkdir(parents=True, exist_ok=True)
    sheet.save(Path(folder, f"{name}.webp"), quality=36, method=6)


def _small(picture: Image.Image) -> Image.Image:
    width = WIDTHS[picture.width]
    shown = picture.crop((0, 0, picture.width, min(picture.height, MOST_SHOWN[picture.width])))
    size = (width, round(shown.height * width / shown.width))
    return shown.resize(size, Image.Resampling.LANCZOS)
