"""How many bytes the HTML of catalogue pages has, so that growth is noticed.

tests/deployment/test_first_view.py measures the whole first view.
"""

import gzip
import json
from decimal import Decimal
from secrets import token_hex

import pytest
from django.test import Client

from store.management.commands.seed_catalogue import SAMPLES
from store.models import Item
from store.pictures.names import WIDTHS
from tests.support.pictures import add_picture

PAGE_SIZE = 24


@pytest.fixture
def samples(db: None) -> list[Item]:
    """A full page of the sample items, with the addresses of their pictures."""
    read = json.loads((SAMPLES / "items.json").read_text(encoding="utf-8"))[:PAGE_SIZE]
    assert len(read) == PAGE_SIZE
    items = [
        Item.objects.create(
            name=each["name"],
            description=each["description"],
            price=Decimal(each["price"]),
            currency=each["currency"],
        )
        for each in read
    ]
    for each in items:
        add_picture(each, f"items/{token_hex(6)}.jpg", widths=WIDTHS)
    return items


def html_of(client: Client, address: str, language: str = "en") -> bytes:
    return client.get(address, headers={"Accept-Language": language}).content


@pytest.mark.parametrize(("language", "most"), [("en", 4_250), ("ru", 4_550)])
def test_24_items_are_a_few_kilobytes(
    client: Client, samples: list[Item], language: str, most: int
) -> None:
    html = html_of(client, "/", language)
    assert html.count(b'<form class="add"') == PAGE_SIZE
    assert len(gzip.compress(html)) <= most


def test_one_more_card_has_one_small_form(client: Client, samples: list[Item]) -> None:
    page = html_of(client, "/")
    samples[0].delete()
    less = html_of(client, "/")
    assert len(page) - len(less) <= 1_150


@pytest.mark.parametrize(("language", "most"), [("en", 3_100), ("ru", 3_550)])
def test_an_item_is_less_than_a_list(
    client: Client, samples: list[Item], language: str, most: int
) -> None:
    html = html_of(client, f"/item/{samples[0].pk}", language)
    assert len(gzip.compress(html)) <= most
