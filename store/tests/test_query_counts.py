"""How many statements a catalogue page sends when it is rendered, so that growth is noticed.

project/tests/catalogue_cache/ counts those of a page that is kept.
"""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from store.models import Page

KEPT = 3  # shop, footer and collections, which the process keeps for seconds


@pytest.fixture
def pages(make_item: Any) -> dict[str, str]:
    """The addresses of the pages, in a shop with more items than a list shows."""
    items = [make_item(stock=None if number else 0) for number in range(30)]
    call_command("seed_pages", "-v0")
    return {
        "list": "/",
        "next list": f"/?after={items[-5].pk}~100",
        "item": f"/item/{items[1].pk}",
        "sold-out item": f"/item/{items[0].pk}",
        "page": Page.objects.all()[0].get_absolute_url(),
    }


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("list", 2),  # items, pictures
        ("next list", 2),
        ("item", 4),  # item, pictures, shipping rates, taxes
        ("sold-out item", 5),  # whether somebody is paying for it
        ("page", 1),
    ],
)
def test_a_visitor_without_a_session(
    client: Client,
    pages: dict[str, str],
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    statements: int,
) -> None:
    with django_assert_num_queries(KEPT + statements):
        client.get(pages[name])
    with django_assert_num_queries(statements):
        client.get(pages[name])


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("list", 4),  # session and badge besides
        ("next list", 4),
        ("item", 7),  # and what the visitor is paying
        ("sold-out item", 8),
        ("page", 3),
    ],
)
def test_a_visitor_with_a_cart(
    client: Client,
    pages: dict[str, str],
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    statements: int,
) -> None:
    client.post("/order/lines", {"item": pages["item"].rpartition("/")[2]})
    client.get("/")  # reads what is kept
    with django_assert_num_queries(statements):
        client.get(pages[name])
