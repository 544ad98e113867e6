from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from store.models import Collection, Item


def test_shows_listed_items_with_price(client: Client, item: Item, make_item: Any) -> None:
    make_item(name="Hidden lamp", is_listed=False)
    page = client.get("/").content.decode()
    assert "Stoneware mug" in page
    assert "$19.99" in page
    assert f'href="/item/{item.pk}"' in page
    assert "Hidden lamp" not in page


def test_filters_by_currency_and_keeps_it_on_the_next_page(client: Client, make_item: Any) -> None:
    for number in range(25):
        make_item(name=f"Euro {number}", currency="EUR")
        make_item(name=f"Dollar {number}")
    first = client.get("/?currency=EUR")
    assert {item.currency for item in first.context["items"]} == {"EUR"}
    following = first.context["next_page"]
    assert following == f"/?currency=EUR&after={first.context['items'][-1].pk}~100"
    assert f'href="{following.replace("&", "&amp;")}"' in first.content.decode()
    second = client.get(following)
    assert [item.name for item in second.context["items"]] == ["Euro 0"]
    assert 'href="/?currency=EUR"' in second.content.decode()


def test_a_filter_without_items_says_so(client: Client, item: Item) -> None:
    assert "nothing for sale in EUR yet" in client.get("/?currency=EUR").content.decode()


def test_an_empty_collection_leads_to_all_items(client: Client, db: None) -> None:
    button = '<a class="button" href="/">All items</a>'
    assert button not in client.get("/").text
    Collection.objects.create(name="Lamps", slug="lamps")
    page = client.get("/?collection=lamps").text
    assert button in page
    assert "<p></p>" not in page  # it has no description either


def test_a_search_without_results_has_nothing_to_filter_or_sort(client: Client, item: Item) -> None:
    for query, count in {"stoneware": 1, "nothing": 0}.items():
        assert client.get(f"/?q={query}").text.count('class="list-tools"') == count


def test_a_currency_that_the_shop_does_not_sell_in_is_refused(client: Client, db: None) -> None:
    answer = client.get("/?currency=XXX")
    assert answer.status_code == 400
    assert "must be one of these: USD, EUR" in answer.content.decode()


def test_a_shop_with_one_currency_shows_no_filter(
    client: Client, item: Item, settings: Any
) -> None:
    assert 'class="filter ' in client.get("/").content.decode()
    settings.STRIPE_CURRENCIES = ["USD"]
    assert 'class="filter ' not in client.get("/").content.decode()


def test_says_sold_out(client: Client, make_item: Any) -> None:
    make_item(stock=0)
    assert "Sold out" in client.get("/").content.decode()


def test_empty_catalogue_says_so(client: Client, db: None) -> None:
    assert "nothing for sale here yet" in client.get("/").content.decode()


def test_pages_through_all_items_once(client: Client, make_item: Any) -> None:
    for number in range(50):
        make_item(name=f"Item {number:02}")
    first = client.get("/")
    second = client.get(first.context["next_page"])
    third = client.get(second.context["next_page"])
    names = [item.name for page in (first, second, third) for item in page.context["items"]]
    assert names == [f"Item {number:02}" for number in reversed(range(50))]
    assert third.context["next_page"] == ""
    assert "To the first page" in third.content.decode()


@pytest.mark.parametrize(
    "after",
    ["", "abc", "7", "-1~9", "1.5~9", "9" * 19 + "~9", "١~9", "07~9", "7~-9", "7~9~9"],
)
def test_a_wrong_page_address_is_400_with_a_sentence(client: Client, db: None, after: str) -> None:
    answer = client.get("/", {"after": after})
    assert answer.status_code == 400
    assert "must be as in a link of the shop" in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["", "q=mug", "sort=newest", "sort=price", "sort=price-down", "sort=name"]
)
def test_more_items_go_on_after_a_deleted_one(client: Client, make_item: Any, query: str) -> None:
    for _ in range(30):
        make_item(name="Mug")
    first = client.get(f"/?{query}")
    Item.objects.get(pk=first.context["items"][-1].pk).delete()
    second = client.get(first.context["next_page"])
    assert len(second.context["items"]) == 6
    Item.objects.all().delete()
    page = client.get(first.context["next_page"]).text
    assert "There are no more items." in page
    assert '<meta name="robots" content="noindex">' in page
    assert "for sale here yet" not in page
    assert "Nothing was found" not in page


def test_names_without_words_are_listed_too(client: Client, make_item: Any) -> None:
    for _ in range(25):
        make_item(name="★")
    following = client.get("/?sort=name").context["next_page"]
    assert len(client.get(following).context["items"]) == 1


def test_more_items_go_on_where_the_changed_one_was(client: Client, make_item: Any) -> None:
    for _ in range(30):
        make_item()
    first = client.get("/?sort=price")
    Item.objects.filter(pk=first.context["items"][-1].pk).update(price=90)
    second = client.get(first.context["next_page"])
    assert len(second.context["items"]) == 7


def test_looking_makes_no_session(client: Client, item: Item) -> None:
    for address in ("/", f"/item/{item.pk}"):
        assert "sessionid" not in client.get(address).cookies
    assert not Session.objects.exists()


def test_rejects_post(client: Client, db: None) -> None:
    assert client.post("/").status_code == 405


def test_speaks_russian(client: Client, item: Item) -> None:
    page = client.get("/", headers={"Accept-Language": "ru"}).content.decode()
    assert '<html lang="ru">' in page
    assert "Все товары" in page
    assert "19,99\xa0$" in page


def test_a_search_for_no_word_is_no_best_match(client: Client, item: Item) -> None:
    assert "Best match" in client.get("/?q=mug").text
    assert "Best match" not in client.get("/?q=!").text
