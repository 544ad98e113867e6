"""Chromium: the system's where there is one, otherwise Playwright's.

The headless shell is the same browser without its own windows. It needs a third of the time.
"""

import shutil
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright, expect

from tests.support.waiting import LIMIT_SECONDS

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    expect.set_options(timeout=LIMIT_SECONDS * 1000)
    system = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(
        executable_path=system, args=OPTIONS, timeout=LIMIT_SECONDS * 1000
    )


def new_context(browser: Browser, address: str, **options: Any) -> BrowserContext:
    """A buyer at the shop with this address, with empty cookies."""
    context = browser.new_context(base_url=address, **({"locale": "en-US"} | options))
    context.set_default_timeout(LIMIT_SECONDS * 1000)
    return context
