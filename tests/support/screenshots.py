"""Pictures for the documentation: `make screenshots` sets SCREENSHOTS to the folder for them."""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

MAX_BYTES = 60_000


def take_screenshot(page: Page, name: str, *, height: int = 800) -> None:
    """Write what the page shows into the folder, unless the tests only test."""
    if not (folder := os.environ.get("SCREENSHOTS")):
        return
    page.set_viewport_size({"width": 1200, "height": height})
    page.wait_for_load_state()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    file = Path(folder, f"{name}.webp")
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(page.screenshot())).save(file, quality=80, method=6)
    assert file.stat().st_size <= MAX_BYTES, f"{file} is too large for the repository"
