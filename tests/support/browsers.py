"""Starts Chromium: the system's own where there is one, else the one that Playwright brought."""

import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    system = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=system, args=QUIET)
