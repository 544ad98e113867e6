"""A slow or broken network between a browser and the shop, by Playwright's routes."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

CHANGES = "**/order/**"  # what the cart's forms are posted to
STRIPE_JS = "**/v3/"

HTML = "<!doctype html><title>Error</title><h1>502 Bad Gateway</h1>"
REFUSAL = json.dumps({"error": {"code": "too_many_requests", "message": "Please wait a minute."}})
UNREACHABLE = "The shop can’t be reached."
FAILED = "The shop could not do this."
# What can come instead of an answer of the shop, and what the buyer then reads.
BROKEN_ANSWERS: dict[str, tuple[Callable[[Route], None], str]] = {
    "page of an error": (
        lambda route: route.fulfill(status=500, body=HTML, content_type="text/html"),
        FAILED,
    ),
    "empty 502": (lambda route: route.fulfill(status=502, body=""), FAILED),
    "empty 200": (lambda route: route.fulfill(status=200, body=""), FAILED),
    "page of a proxy": (
        lambda route: route.fulfill(status=200, body=HTML, content_type="text/html"),
        FAILED,
    ),
    "no connection": (lambda route: route.abort(), UNREACHABLE),
    "429": (
        lambda route: route.fulfill(status=429, body=REFUSAL, content_type="application/json"),
        "Please wait a minute.",
    ),
}


def delay(browser: BrowserContext | Page, milliseconds: int, pattern: str = CHANGES) -> None:
    """Every request to `pattern` reaches the shop this much later."""

    def later(route: Route) -> None:
        route.request.frame.page.wait_for_timeout(milliseconds)
        route.continue_()

    if milliseconds:
        browser.route(pattern, later)


def delay_answers(page: Page, milliseconds: int) -> Callable[[], None]:
    """Every answer comes this much later; its cookie is set only then. Return how to end it."""
    session = page.context.new_cdp_session(page)

    def set_latency(latency: int) -> None:
        conditions = {"latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
        session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})

    set_latency(milliseconds)
    return lambda: set_latency(0)


def lose_the_answer(route: Route) -> None:
    """The shop gets the request, and the browser no answer."""
    route.fetch()
    route.abort()


def never_answer(route: Route) -> None:
    """Keep the request."""


def posts(page: Page) -> list[str]:
    """A list that grows with each request that isn't a GET."""
    sent: list[str] = []

    def note(request: Any) -> None:
        if request.method != "GET":
            sent.append(request.url)

    page.on("request", note)
    return sent
