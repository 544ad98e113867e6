"""The page with the results of a search, and what htmx gets of it."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from store.models import Collection, Item
from tests.support.items import names_of_items


@pytest.fixture
def thousands(db: None) -> list[Item]:
    """2,000 items whose names share their words."""
    items = [
        Item(name=name, price=5 + number % 90, currency="USD")
        for number, name in enumerate(names_of_items())
    ]
    Item.objects.bulk_create(items)
    return items


def test_two_actions_find_any_of_2000_items(client: Client, thousands: list[Item]) -> None:
    """A search from any page, and a click on one of the results."""
    for item in thousands[::50]:
        page = client.get("/", {"q": item.name}).content.decode()
        assert f'href="/item/{item.pk}"' in page, item.name


def test_three_actions_find_any_item_by_two_of_its_words(
    client: Client, thousands: list[Item]
) -> None:
    """A search, "More items" at most once, and a click."""
    for item in thousands[::100]:
        first = client.get("/", {"q": item.name.rpartition(" ")[0]})
        second = client.get(first.context["next_page"])
        pages = first.content.decode() + second.content.decode()
        assert f'href="/item/{item.pk}"' in pages, item.name


def test_nothing_found_offers_names_that_are_spelled_alike(client: Client, make_item: Any) -> None:
    make_item(name="Stoneware teapot")
    make_item(name="Oak board")
    answer = client.get("/", {"q": "stonewear tepot"})
    page = answer.content.decode()
    assert "Nothing was found for “stonewear tepot”." in page
    assert [item.name for item in answer.context["similar"]] == ["Stoneware teapot"]
    assert [item.name for item in answer.context["items"]] == ["Oak board", "Stoneware teapot"]
    assert "Are you looking for one of these?" not in client.get("/?q=xyzzy").content.decode()


def test_only_the_longest_words_are_compared_with_names(client: Client, make_item: Any) -> None:
    make_item(name="Oak board")
    make_item(name="Stoneware teapot")
    answer = client.get("/", {"q": "oark stonewear tepot"})
    assert [item.name for item in answer.context["similar"]] == ["Stoneware teapot"]


@pytest.mark.parametrize("q", ["", "  ", "…!?"])
def test_a_search_without_words_shows_the_list(client: Client, item: Item, q: str) -> None:
    answer = client.get(f"/?q={q}")
    assert answer.context["items"] == [item]
    assert '<h1 id="title" tabindex="-1">All items</h1>' in answer.text


def test_a_long_text_is_cut(client: Client, item: Item) -> None:
    answer = client.get("/", {"q": "stoneware " * 50})
    assert answer.status_code == 200
    assert answer.context["items"] == [item]
    assert len(answer.context["listing"].q) == 100


def test_links_keep_every_parameter(client: Client, make_item: Any) -> None:
    collection = Collection.objects.create(name="Kitchen", slug="kitchen")
    collection.items.set([make_item(name="Mug & co", currency="EUR") for _ in range(25)])
    asked = "q=mug+%26&collection=kitchen&currency=EUR&sort=price"
    answer = client.get(f"/?{asked}")
    following = answer.context["next_page"]
    assert following.startswith(f"/?{asked}&after=")
    assert len(client.get(following).context["items"]) == 1
    page = answer.content.decode()
    assert 'href="/?q=mug+%26&amp;collection=kitchen&amp;sort=price"' in page  # all currencies
    assert 'href="/?q=mug+%26&amp;currency=EUR&amp;sort=price"' in page  # all collections
    assert '<input type="hidden" name="collection" value="kitchen">' in page


def test_a_collection_has_its_own_list(client: Client, make_item: Any) -> None:
    collection = Collection.objects.create(name="Kitchen", slug="kitchen", description="To cook.")
    collection.items.add(make_item(name="Pan"))
    make_item(name="Pen")
    answer = client.get(collection.get_absolute_url())
    page = answer.content.decode()
    assert [item.name for item in answer.context["items"]] == ["Pan"]
    assert "<p>To cook.</p>" in page
    assert 'aria-current="page">Kitchen</a>' in page
    assert ">Kitchen</a>" in client.get("/").content.decode()
    collection.is_listed = False
    collection.save()
    assert client.get(collection.get_absolute_url()).status_code == 404
    assert ">Kitchen</a>" not in client.get("/").content.decode()


def test_nothing_found_in_a_collection_offers_the_whole_shop(client: Client, item: Item) -> None:
    for name in ("Kitchen", "Table"):
        Collection.objects.create(name=name, slug=name.lower())
    page = client.get("/?q=mugg&collection=table").content.decode()
    assert 'href="/?q=mugg"' in page


def test_htmx_gets_the_results_and_the_address(client: Client, item: Item) -> None:
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/?currency=USD"}
    answer = client.get("/?q=stone&currency=USD", headers=htmx)
    page = answer.content.decode()
    assert "<html" not in page
    assert "1 item is shown." in page
    assert answer["HX-Push-Url"] == "/?q=stone&currency=USD"
    htmx["HX-Current-URL"] = "http://testserver/?q=st"
    answer = client.get("/?q=", headers=htmx)
    assert answer["HX-Replace-Url"] == "/"
    answer = client.get("/?q=xyzzy", headers=htmx)
    assert answer.content.decode().count("Nothing was found for “xyzzy”.") == 2  # also announced


def test_htmx_gets_only_the_items_of_the_next_page(client: Client, make_item: Any) -> None:
    for _ in range(26):
        make_item()
    following = client.get("/").context["next_page"]
    answer = client.get(following, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.count("<li") == 2
    assert "2 more items are shown." in page
    assert {"HX-Replace-Url", "HX-Push-Url"}.isdisjoint(answer.headers)
    assert "To the first page" not in page


def test_htmx_may_send_a_wrong_address(client: Client, item: Item) -> None:
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://[?a=1"}
    answer = client.get("/?q=stone", headers=htmx)
    assert answer.status_code == 200
    assert answer["HX-Push-Url"] == "/?q=stone"


def test_a_searching_visitor_gets_no_session(client: Client, item: Item) -> None:
    answer = client.get("/?q=mug")
    assert not answer.cookies
    assert not Session.objects.exists()
