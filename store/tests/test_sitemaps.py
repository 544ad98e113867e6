import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from store.models import Collection, Item, Page
from store.sitemaps import PART_SIZE
from tests.support.pictures import add_picture

NAMES = {
    "": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
}
CHANGED = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def read(client: Client, address: str) -> ElementTree.Element:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/xml"
    return ElementTree.fromstring(answer.content)  # noqa: S314  # the shop's own


def texts(element: ElementTree.Element, path: str) -> list[str | None]:
    return [each.text for each in element.findall(path, NAMES)]


def parts(client: Client) -> list[str | None]:
    return texts(read(client, "/sitemap.xml"), "sitemap/loc")


def test_lists_pages_and_items_under_the_address_of_the_shop(
    client: Client, make_item: Any, settings: Any
) -> None:
    settings.BASE_URL = "https://shop.example"
    item = make_item()
    add_picture(item, "items/mug & cup.png", widths=[])
    add_picture(item)
    bare = make_item()
    hidden = make_item(is_listed=False)
    Page.objects.create(slug="about", title="About", text="x")
    Collection.objects.create(slug="tea", name="Tea", picture="collections/tea.webp")
    Collection.objects.create(slug="hidden", name="Hidden", is_listed=False)
    Item.objects.update(updated_at=CHANGED)
    pages, items = (str(each).removeprefix("https://shop.example") for each in parts(client))
    part = read(client, pages)
    assert texts(part, "url/loc") == [
        "https://shop.example/",
        "https://shop.example/?collection=tea",
        "https://shop.example/pages/about",
    ]
    pictures = texts(part, "url/image:image/image:loc")
    assert pictures == ["https://shop.example/media/collections/tea.webp"]
    part = read(client, items)
    locations = [f"https://shop.example/item/{each.pk}" for each in (item, bare)]
    assert texts(part, "url/loc") == locations
    assert str(hidden.pk) not in str(locations)
    assert texts(part, "url/lastmod") == ["2026-03-01T12:30:00+00:00"] * 2
    pictures = texts(part, "url/image:image/image:loc")
    assert pictures == [
        "https://shop.example/media/items/mug%20%26%20cup.png",
        "https://shop.example/media/items/mug-640.webp",
    ]


def test_lists_every_item_once_in_parts_that_are_not_empty(client: Client, make_item: Any) -> None:
    keys = [1, PART_SIZE - 1, PART_SIZE, 2 * PART_SIZE - 1, 7 * PART_SIZE + 1, 10**15]
    for key in keys:
        make_item(pk=key)
    make_item(pk=4 * PART_SIZE, is_listed=False)
    addresses = [str(each).removeprefix("http://testserver") for each in parts(client)[1:]]
    found = [texts(read(client, each), "url/loc") for each in addresses]
    assert all(found)
    assert len(addresses) == 4
    assert sum(found, []) == [f"http://testserver/item/{key}" for key in keys]


def test_an_empty_shop_has_only_its_front_page(client: Client, db: None) -> None:
    assert parts(client) == ["http://testserver/sitemap-pages.xml"]
    assert texts(read(client, "/sitemap-pages.xml"), "url/loc") == ["http://testserver/"]


@pytest.mark.parametrize("part", [10**16, 10**30])
def test_a_part_that_no_key_can_have_is_404(client: Client, db: None, part: int) -> None:
    assert client.get(f"/sitemap-items-{part}.xml").status_code == 404


def test_neither_counts_nor_skips_items(client: Client, make_item: Any) -> None:
    for key in range(1, 6):
        make_item(pk=key * PART_SIZE)
    with CaptureQueriesContext(connection) as queries:
        parts(client)
        client.get("/sitemap-items-3.xml")
    assert not [each["sql"] for each in queries if re.search("COUNT|OFFSET", each["sql"])]
    assert len(queries) == 3  # the parts; items and their pictures


def test_caches_may_keep_it_and_it_sets_no_cookie(client: Client, db: None) -> None:
    for address in ("/sitemap.xml", "/sitemap-pages.xml", "/sitemap-items-0.xml"):
        answer = client.get(address)
        assert answer["Cache-Control"] == "public, max-age=3600"
        assert not answer.cookies
        assert client.post(address).status_code == 405


def test_robots_txt_names_it(client: Client, settings: Any) -> None:
    settings.BASE_URL = "https://shop.example"
    assert "\nSitemap: https://shop.example/sitemap.xml\n" in client.get("/robots.txt").text
