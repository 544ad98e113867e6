"""Visitors of one process that keeps pages of the catalogue."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.test import Client

from store.models import Item
from tests.support.presses import new_browser

PUBLIC = "public, max-age=0, s-maxage=60, stale-while-revalidate=1"
PRIVATE = "private, no-cache, no-store"
VARY = {
    "Cookie",
    "Accept-Language",
    "Accept-Encoding",
    "HX-Request",
    "HX-History-Restore-Request",
}

type NewVisitor = Callable[[], Client]


def visitors_of_one_process() -> NewVisitor:
    handler = Client().handler

    def new_visitor() -> Client:
        visitor = new_browser()
        visitor.handler = handler
        visitor.raise_request_exception = False
        return visitor

    return new_visitor


def headers_of(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}


def is_kept(visitor: Client, address: str) -> bool:
    """Whether the page shows old prices, 19.99 where the catalogue has 25."""
    Item.objects.update(price=Decimal("19.99"))
    visitor.get(address)
    Item.objects.update(price=25)
    return "19.99" in visitor.get(address).text


def badge_of(answer: Any) -> str:
    found = re.search(r'class="count">(\d+)', answer.text)
    return found[1] if found else ""
