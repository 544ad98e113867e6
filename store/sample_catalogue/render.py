"""Render every sample picture from SVG to an 800 by 800 WebP file."""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).resolve().parent / "pictures"
SIZE = 800
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def render_all(folder: Path) -> int:
    """Write a WebP file beside each SVG file in the folder and return their total size."""
    total = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": SIZE, "height": SIZE})
        for source in sorted(folder.glob("*.svg")):
            page.set_content(f"<body style='margin:0'>{source.read_text(encoding='utf-8')}")
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            target = source.with_suffix(".webp")
            shot.save(target, "WEBP", quality=80, method=6)
            total += target.stat().st_size
        browser.close()
    return total


if __name__ == "__main__":
    sys.stdout.write(f"{render_all(PICTURES)} bytes of pictures\n")
