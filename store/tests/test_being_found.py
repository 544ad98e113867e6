"""What search engines and messengers read in the head of a page."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from store.models import Collection, Item, Page
from store.pictures.names import ICON_SIDES, icon_name
from tests.support.pictures import add_picture
from tests.support.shop_row import edit_shop


@pytest.fixture(autouse=True)
def _base_url(settings: Any) -> None:
    """Another one than the address of the requests."""
    settings.BASE_URL = "https://shop.example"


def head_of(client: Client, address: str) -> dict[str, str]:
    """The description, the canonical address and what OpenGraph has."""
    head = client.get(address).text.partition("</head>")[0]
    found = dict(re.findall(r'<link rel="(canonical)" href="(.*?)"', head))
    found |= dict(re.findall(r'property="(.+?)" content="(.*?)"', head))
    assert head.count('name="description"') == ("og:description" in found)
    # https://ogp.me/#metadata; the picture is missing where there is none
    assert {"canonical", "og:title", "og:type", "og:url"} <= found.keys()
    assert found["og:url"] == found["canonical"]
    return found


def test_an_item_has_the_merchants_text_and_picture(client: Client, make_item: Any) -> None:
    edit_shop(name="Clay & Co")
    item = make_item(description='Holds\n350 ml of "tea".')
    add_picture(item)
    assert head_of(client, f"/item/{item.pk}?currency=EUR") == {
        "canonical": f"https://shop.example/item/{item.pk}",
        "og:url": f"https://shop.example/item/{item.pk}",
        "og:type": "product",
        "og:site_name": "Clay &amp; Co",
        "og:title": "Mug",
        "og:description": "Holds 350 ml of &quot;tea&quot;.",
        "og:image": "https://shop.example/media/items/mug-640.webp",
    }


def test_a_description_is_short_and_left_out_where_there_is_none(
    client: Client, make_item: Any
) -> None:
    long = head_of(client, f"/item/{make_item(description='clay ' * 100).pk}")
    assert len(long["og:description"]) == 155
    none = head_of(client, f"/item/{make_item().pk}")
    assert not {"og:description", "og:image"} & none.keys()


def test_the_list_has_the_shops_sentence(client: Client, db: None) -> None:
    edit_shop(name="Clay", sentence="Mugs by hand.")
    head = head_of(client, "/")
    assert (head["og:title"], head["og:description"]) == ("Clay", "Mugs by hand.")


def test_the_logo_is_the_picture_of_a_page_without_one(client: Client, item: Item) -> None:
    edit_shop(logo="shop/logo.png")
    for address in ("/", f"/item/{item.pk}"):
        picture = head_of(client, address)["og:image"]
        assert picture == "https://shop.example/media/shop/logo.png"


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/", "/"),
        ("/?utm_source=mail", "/"),
        ("/?currency=", "/"),
        ("/?after=7~100&currency=USD&x=1", "/?currency=USD&amp;after=7~100"),
        ("/?sort=newest&after=7&collection=tea", "/?collection=tea"),
    ],
)
def test_a_list_has_one_address(
    client: Client, make_item: Any, address: str, canonical: str
) -> None:
    Collection.objects.create(slug="tea", name="Tea").items.add(make_item(pk=1))
    assert head_of(client, address)["canonical"] == f"https://shop.example{canonical}"


def test_a_collection_has_its_own_words_and_way(client: Client, db: None) -> None:
    edit_shop(name="Clay", sentence="Mugs by hand.", logo="shop/logo.png")
    tea = Collection.objects.create(slug="tea", name="Tea </script>", description="For\n\nfive.")
    head = head_of(client, "/?collection=tea")
    assert head["og:title"] == "Tea &lt;/script&gt;"
    assert head["og:description"] == "For five."
    assert head["og:image"] == "https://shop.example/media/shop/logo.png"
    (text,) = re.findall(r'ld\+json">(.*?)</script>', client.get("/?collection=tea").text)
    (way,) = json.loads(text)["@graph"]
    assert [each["item"] for each in way["itemListElement"]] == [
        "https://shop.example/",
        "https://shop.example/?collection=tea",
    ]
    tea.picture = "collections/tea.webp"
    tea.save()
    picture = head_of(client, "/?collection=tea")["og:image"]
    assert picture == "https://shop.example/media/collections/tea.webp"


def test_a_page_has_the_icon_of_the_shop(
    client: Client, db: None, settings: Any, tmp_path: Path
) -> None:
    def icons() -> list[tuple[str, str]]:
        return re.findall(r'<link rel="(icon|apple-touch-icon)" href="(.+?)"', client.get("/").text)

    own = [("icon", "/static/img/mark.svg"), ("apple-touch-icon", "/static/img/touch-icon.png")]
    assert icons() == own
    assert all(finders.find(path.removeprefix("/static/")) for _rel, path in own)
    settings.MEDIA_ROOT = str(tmp_path)
    edit_shop(logo="shop/logo.webp")  # not in the form, which makes icons
    assert icons() == [(rel, "/media/shop/logo.webp") for rel, _path in own]
    (tmp_path / "shop").mkdir()
    for side in ICON_SIDES:
        (tmp_path / icon_name("shop/logo.webp", side)).write_bytes(b"icon")
    edit_shop(logo="shop/logo.webp")
    assert icons() == [
        ("icon", "/media/shop/logo-icon-32.png"),
        ("apple-touch-icon", "/media/shop/logo-icon-180.png"),
    ]


def test_searches_stay_out_of_search_engines(client: Client, item: Item) -> None:
    for address in ("/?q=mug", "/?q=nothing&collection="):
        page = client.get(address).text
        assert '<meta name="robots" content="noindex">' in page
        assert "canonical" not in page


def test_a_page_has_the_beginning_of_its_text(client: Client, db: None) -> None:
    Page.objects.create(slug="about", title="About us", text="# Hello\n\nWe **make** 1 < 2 & more.")
    head = head_of(client, "/pages/about")
    assert head["canonical"] == "https://shop.example/pages/about"
    assert head["og:title"] == "About us"
    assert head["og:description"] == "Hello We make 1 &lt; 2 &amp; more."


@pytest.mark.parametrize("address", ["/order", "/order/find"])
def test_pages_of_a_buyer_stay_out_of_search_engines(
    client: Client, db: None, address: str
) -> None:
    page = client.get(address).text
    assert '<meta name="robots" content="noindex">' in page
    assert "canonical" not in page
