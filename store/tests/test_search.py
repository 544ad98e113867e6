"""The search. `make test` runs these tests on SQLite and on PostgreSQL."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from store import search, search_index, sorting, views
from store.models import Collection, Item
from store.search import Search
from store.sorting import OWN, SORTS
from tests.support.items import names_of_items

NEWEST, PRICE, PRICE_DOWN, NAME = (
    next(sort for sort in SORTS if sort.key == key)
    for key in ("newest", "price", "price-down", "name")
)


WAYS = {
    "rare": {},
    "among the newest": {"COMMON": 1, "RARE": 0},
    "by the index": {"NEWEST_ITEMS": 2, "RARE": 0},
}


@pytest.fixture(params=WAYS)
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few items, all words are rare."""
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(search, name, value)


def found(text: str, sort: sorting.Sort = OWN, **filters: Any) -> list[str]:
    items = Item.objects.listed().filter(**filters)
    return [item.name for item in Search(text).page(items, sort, None, 25).items]


@pytest.fixture
def shop(make_item: Any, _ways: None) -> None:
    make_item(name="Crème brûlée dish", description="For a mug lover", price=9)
    make_item(name="Ёлочный шар", description="Стекло", price=4)
    make_item(name="Blue mug", description="Stoneware", price=20)
    make_item(name="Hidden mug", is_listed=False)
    make_item(name="Red mug", description="Stoneware, like the blue one", price=10)
    make_item(name="Straße poster", currency="EUR", price=30)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("BRULEE", ["Crème brûlée dish"]),
        ("елочный", ["Ёлочный шар"]),
        ("ЁЛОЧ", ["Ёлочный шар"]),
        ("strasse", ["Straße poster"]),
        ("ware", []),  # only beginnings of words
        ("stone", ["Red mug", "Blue mug"]),
        ("mug", ["Red mug", "Blue mug", "Crème brûlée dish"]),  # names first
        ("mug stoneware", ["Red mug", "Blue mug"]),
        ("blue mug", ["Blue mug", "Red mug"]),
        ("mug glass", []),
        ('"blue" AND -mug*', []),  # and is a word like any other
        ("blue'); DROP TABLE store_item; --", []),
        ("mug:* | !red & (x)", []),
        ("mug\x00", ["Red mug", "Blue mug", "Crème brûlée dish"]),
        ("%", ["Straße poster", "Red mug", "Blue mug", "Ёлочный шар", "Crème brûlée dish"]),
    ],
)
def test_finds_items_with_all_words(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.usefixtures("_ways")
def test_apostrophes_do_not_matter(make_item: Any) -> None:
    names = ["O'Neil's mug", "O’Neil", "ONeil cup", "Don’t panic"]
    for name in names:
        make_item(name=name)
    men = Collection.objects.create(name="Men’s things", slug="men")
    men.items.add(make_item(name="Razor"))
    for text in ("oneil", "o'neil", "O’NEIL"):
        assert found(text) == ["ONeil cup", "O’Neil", "O'Neil's mug"], text
    assert found("o neil") == found("neil") == ["O’Neil", "O'Neil's mug"]
    assert found("oneil's") == found("oneils mug") == ["O'Neil's mug"]
    for text in ("don't", "dont", "don t", "don"):
        assert found(text) == ["Don’t panic"], text
    for text in ("mens", "men's", "men s thing"):
        assert found(text) == ["Razor"], text


@pytest.mark.usefixtures("shop")
def test_a_search_can_be_sorted_and_filtered() -> None:
    assert found("mug", NEWEST) == ["Red mug", "Blue mug", "Crème brûlée dish"]
    assert found("mug", PRICE) == ["Crème brûlée dish", "Red mug", "Blue mug"]
    assert found("mug", PRICE_DOWN) == ["Blue mug", "Red mug", "Crème brûlée dish"]
    assert found("mug", NAME) == ["Blue mug", "Crème brûlée dish", "Red mug"]
    assert found("poster", currency="USD") == []


@pytest.mark.usefixtures("shop")
def test_the_name_of_a_listed_collection_counts_as_a_word_of_its_items() -> None:
    kitchen = Collection.objects.create(name="Küche & Bad", slug="kitchen")
    kitchen.items.set(Item.objects.filter(name__in=["Red mug", "Ёлочный шар"]))
    assert found("kuche") == ["Red mug", "Ёлочный шар"]
    assert found("kuche mug") == ["Red mug"]
    kitchen.is_listed = False
    kitchen.save()
    assert found("kuche") == []


@pytest.mark.usefixtures("shop")
def test_changes_are_found_at_once() -> None:
    item = Item.objects.get(name="Blue mug")
    item.name = "Green cup"
    item.save(update_fields=["name"])
    assert found("green") == ["Green cup"]
    assert found("blue mug") == ["Red mug"]
    item.delete()
    assert found("green") == []


def _make_the_table_anew() -> None:
    """As a migration does on SQLite. On PostgreSQL an index goes with its column."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP INDEX store_item_words, store_item_name_words")
            return
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'store_item'")
        (sql,) = cursor.fetchone()
        cursor.execute(sql.replace('TABLE "store_item"', 'TABLE "new__store_item"'))
        cursor.execute("INSERT INTO new__store_item SELECT * FROM store_item")
        cursor.execute("DROP TABLE store_item")
        cursor.execute("ALTER TABLE new__store_item RENAME TO store_item")


def test_the_index_is_made_again_after_its_table(item: Item, make_item: Any) -> None:
    _make_the_table_anew()
    lamp = make_item(name="Lamp")  # as another migration may do
    search_index.prepare()
    search_index.prepare()  # changes nothing
    assert found("lamp") == ["Lamp"]
    assert found("stoneware") == ["Stoneware mug"]
    lamp.name = "Light"
    lamp.save(update_fields=["name"])
    make_item(name="Lampshade")
    item.delete()
    assert (found("lamp"), found("light"), found("stoneware")) == (["Lampshade"], ["Light"], [])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            indexes = connection.introspection.get_constraints(cursor, "store_item")
        assert {"store_item_words", "store_item_name_words"} <= set(indexes)


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


def test_a_collection_is_listed_in_every_order(make_item: Any) -> None:
    collection = Collection.objects.create(name="Kitchen", slug="kitchen")
    collection.items.set([make_item(name=name) for name in "BCA"])
    make_item(name="D")
    items = Item.objects.in_collection(collection)
    for sort in SORTS:
        names = [item.name for item in sorting.page(items, sort, None, 9)]
        assert names == (["A", "B", "C"] if sort is NAME else names)
        assert sorted(names) == ["A", "B", "C"]


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


@pytest.mark.parametrize("q", ["", "  ", "…!?", "%00"])
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


@pytest.mark.parametrize("query", ["sort=cheapest", "q=mug&sort=-price"])
def test_an_unknown_order_is_refused(client: Client, db: None, query: str) -> None:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 400
    assert "must be one of these: newest, price, price-down, name" in answer.content.decode()


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
