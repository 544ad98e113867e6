"""The orders of a search and of the list, and their pages."""

from typing import Any

import pytest
from django.test import Client

from store import search, sorting, views
from store.models import Collection, Item
from store.search import Search
from store.sorting import SORTS
from tests.support.search import WAYS, found

NEWEST, PRICE, PRICE_DOWN, NAME = (
    next(sort for sort in SORTS if sort.key == key)
    for key in ("newest", "price", "price-down", "name")
)


@pytest.mark.usefixtures("shop")
def test_a_search_can_be_sorted_and_filtered() -> None:
    assert found("mug", NEWEST) == ["Red mug", "Blue mug", "Crème brûlée dish"]
    assert found("mug", PRICE) == ["Crème brûlée dish", "Red mug", "Blue mug"]
    assert found("mug", PRICE_DOWN) == ["Blue mug", "Red mug", "Crème brûlée dish"]
    assert found("mug", NAME) == ["Blue mug", "Crème brûlée dish", "Red mug"]
    assert found("poster", currency="USD") == []


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.key or "own")
@pytest.mark.parametrize("text", ["", "mug"])
@pytest.mark.usefixtures("_ways")
def test_pages_in_every_order_have_each_item_once(
    make_item: Any, sort: sorting.Sort, text: str
) -> None:
    for number in range(12):
        make_item(
            name=f"Mug {number % 3}" if number % 2 else "Cup",
            description="Not a mug" if number % 4 else "A mug",
            price=5 + number % 4,
            position=number % 3,
            currency="USD" if number % 5 else "EUR",
        )
    items = Item.objects.listed()
    search = Search(text)
    whole = [item.pk for item in search.page(items, sort, None, 25).items]
    assert len(whole) == 12
    pages: list[int] = []
    place = None
    while page := search.page(items, sort, place, 5).items:
        pages += [item.pk for item in page]
        place = sort.read_place(sorting.text_of(search.place_of(page[-1], sort)))
        page[-1].delete()  # the next page begins at the same place
    assert pages == whole


def test_many_results_that_a_filter_drops_do_not_end_the_search(
    make_item: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NEWEST_ITEMS", 1)
    monkeypatch.setattr(search, "RARE", 2)
    make_item(name="Old mug", currency="EUR")
    make_item(name="Plate", currency="EUR")
    for _ in range(4):
        make_item(name="Mug")
    assert found("mug", currency="EUR") == ["Old mug"]


def test_many_results_that_are_all_old(make_item: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NEWEST_ITEMS": 2, "MOST_SORTED": 2, "RARE": 2}.items():
        monkeypatch.setattr(search, name, value)
    names = ["Old mug 1", "Old mug 2", "Old mug 3"]
    mugs = [make_item(name=name, price=5 - number) for number, name in enumerate(names)]
    plates = [make_item(name="Plate") for _ in range(4)]
    everything = Item.objects.listed()
    newest = Search("mug").page(everything, NEWEST, (plates[2].pk,), 2)
    assert newest.items == [mugs[2], mugs[1]]
    # The other orders sort the newest results.
    assert Search("mug").page(everything, PRICE, None, 2).items == [mugs[2], mugs[1]]


@pytest.mark.parametrize("ways", WAYS.values(), ids=WAYS)
def test_other_orders_say_that_they_have_only_the_newest_results(
    client: Client, make_item: Any, monkeypatch: pytest.MonkeyPatch, ways: dict[str, int]
) -> None:
    for name, value in {**ways, "MOST_SORTED": 3}.items():
        monkeypatch.setattr(search, name, value)
    names = ["Mug A", "Mug C", "Cup", "Mug D", "Mug B"]
    for name in names:
        make_item(name=name)
    sentence = "results are in this order. Add a word to find others."
    answer = client.get("/?q=mug&sort=name")
    assert [item.name for item in answer.context["items"]] == ["Mug B", "Mug C", "Mug D"]
    assert sentence in answer.text
    monkeypatch.setattr(views, "MOST_SORTED", 1000)  # only the number in the sentence
    for language, number in {"en": "1,000", "ru": "1\xa0000"}.items():
        assert number in client.get("/?q=mug&sort=name", headers={"Accept-Language": language}).text
    for complete in ("q=mug", "q=mug&sort=newest", "q=mug+a&sort=name", "sort=name"):
        assert sentence not in client.get(f"/?{complete}").text, complete
    Item.objects.get(name="Mug A").delete()
    assert sentence not in client.get("/?q=mug&sort=name").text


def test_a_collection_is_listed_in_every_order(make_item: Any) -> None:
    collection = Collection.objects.create(name="Kitchen", slug="kitchen")
    collection.items.set([make_item(name=name) for name in "BCA"])
    make_item(name="D")
    items = Item.objects.in_collection(collection)
    for sort in SORTS:
        names = [item.name for item in sorting.page(items, sort, None, 9)]
        assert names == (["A", "B", "C"] if sort is NAME else names)
        assert sorted(names) == ["A", "B", "C"]


@pytest.mark.parametrize("query", ["sort=cheapest", "q=mug&sort=-price"])
def test_an_unknown_order_is_refused(client: Client, db: None, query: str) -> None:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 400
    assert "must be one of these: newest, price, price-down, name" in answer.content.decode()
