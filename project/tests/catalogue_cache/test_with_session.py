"""A visitor with a session gets the kept page with the badge, or a page that is rendered anew."""

import gzip
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cart.models import Order
from store.models import Item
from tests.support.carts import add
from tests.support.kept_pages import (
    PRIVATE,
    PUBLIC,
    NewVisitor,
    badge_of,
    headers_of,
    is_kept,
)
from tests.support.local_stripe import LocalStripe
from tests.support.shipping import add_rate


def test_a_visitor_with_a_cart_gets_the_page_with_the_badge(
    new_visitor: NewVisitor,
    item: Item,
    settings: Any,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visitor = new_visitor()
    add(visitor, item, quantity=2)
    without = new_visitor().get("/")
    with django_assert_num_queries(2):  # the session, the badge
        answer = visitor.get("/")
    assert (badge_of(without), badge_of(answer)) == ("", "2")
    assert new_visitor().get("/").content == without.content
    settings.CATALOGUE_CACHE_SECONDS = 0
    visitor.handler = Client().handler
    rendered = visitor.get("/")
    assert answer.content == rendered.content
    assert headers_of(answer) == headers_of(rendered)
    assert answer["Cache-Control"] == PRIVATE


def test_each_visitor_gets_the_number_of_their_cart(new_visitor: NewVisitor, item: Item) -> None:
    one, other, emptied = (new_visitor() for _ in range(3))
    add(one, item, quantity=3)
    add(other, item, quantity=5)
    add(emptied, item)
    Order.objects.filter(visitor=emptied.session["visitor"]).delete()
    for _time in range(2):
        answers = [each.get("/") for each in (one, other, emptied, new_visitor())]
        assert [badge_of(each) for each in answers] == ["3", "5", "", ""]
        assert [each["Cache-Control"] for each in answers] == [PRIVATE] * 3 + [PUBLIC]
    add(one, item)
    assert badge_of(one.get("/")) == "4"


def test_a_visitor_with_a_session_can_be_the_first(
    new_visitor: NewVisitor, item: Item, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = new_visitor()
    visitor.cookies["django_language"] = "ru"
    add(visitor, item)
    address = f"/item/{item.pk}"
    assert badge_of(visitor.get(address)) == "1"
    russian = {"Accept-Language": "ru"}
    with django_assert_num_queries(0):
        other = new_visitor().get(address, headers=russian)
    assert badge_of(other) == ""
    assert other["Cache-Control"] == PUBLIC
    assert not other.cookies
    assert '<html lang="ru">' in other.text


def test_the_badge_is_in_the_language_of_the_page(new_visitor: NewVisitor, item: Item) -> None:
    visitor = new_visitor()
    add(visitor, item)
    assert "Cart" in visitor.get("/").text
    answer = visitor.get("/", headers={"Accept-Language": "ru"})
    assert "Корзина" in answer.text
    assert badge_of(answer) == "1"


def test_an_etag_from_before_the_session_is_not_304(new_visitor: NewVisitor, item: Item) -> None:
    visitor = new_visitor()
    etag = visitor.get("/")["ETag"]
    add(visitor, item)
    answer = visitor.get("/", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert "ETag" not in answer
    assert badge_of(answer) == "1"


def test_the_page_with_the_badge_is_compressed(new_visitor: NewVisitor, item: Item) -> None:
    visitor = new_visitor()
    add(visitor, item)
    plain = visitor.get("/")
    answer = visitor.get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.content) == plain.content
    assert int(plain["Content-Length"]) == len(plain.content)
    assert int(answer["Content-Length"]) == len(answer.content)


def test_an_edited_price_is_on_the_page_at_once_for_staff(
    new_visitor: NewVisitor, item: Item, admin_user: User
) -> None:
    staff, visitor = new_visitor(), new_visitor()
    add(visitor, item)
    staff.force_login(admin_user)
    for each in (staff, visitor, new_visitor()):
        assert "$19.99" in each.get("/").text
    Item.objects.update(price=25)
    assert "$25.00" in staff.get("/").text
    assert staff.get("/")["Cache-Control"] == PRIVATE
    assert "$19.99" in visitor.get("/").text
    assert "$19.99" in new_visitor().get("/").text


@pytest.mark.parametrize("key", ["a" * 32, "", "a-b", "ä" * 32])
def test_an_ended_session_is_deleted_although_the_page_is_kept(
    new_visitor: NewVisitor, item: Item, key: str
) -> None:
    new_visitor().get("/")
    visitor = new_visitor()
    visitor.cookies["sessionid"] = key
    answer = visitor.get("/")
    assert answer.cookies["sessionid"]["max-age"] == 0
    assert "public" not in answer.get("Cache-Control", "")


def test_a_malformed_session_key_is_not_looked_up(
    new_visitor: NewVisitor, item: Item, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    new_visitor().get("/")
    visitor = new_visitor()
    visitor.cookies["sessionid"] = "a\0" * 16  # PostgreSQL can't compare it
    with django_assert_num_queries(0):
        assert visitor.get("/").status_code == 400


def test_a_session_with_anything_else_in_it_gets_its_own_page(
    new_visitor: NewVisitor, item: Item
) -> None:
    visitor = new_visitor()
    add(visitor, item)
    session = visitor.session
    session["theme"] = "dark"
    session.save()
    assert not is_kept(visitor, "/")


def test_a_visitor_who_is_paying_gets_a_page_that_is_rendered_for_them(
    new_visitor: NewVisitor, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    address = f"/item/{item.pk}"
    visitor, other = new_visitor(), new_visitor()
    add(other, item)
    assert "Only 1 left" in new_visitor().get(address).text
    assert visitor.get(f"/buy/{item.pk}", headers={"Sec-Fetch-Site": "same-origin"}).json()["id"]
    assert "Reserved for you" in visitor.get(address).text
    assert "Reserved for you" not in other.get(address).text
    assert "Reserved for you" not in new_visitor().get(address).text


def test_a_visitor_who_has_chosen_a_country_reads_its_shipping(
    new_visitor: NewVisitor, item: Item
) -> None:
    add_rate(490, "US")
    add_rate(1900, "FR")
    address = f"/item/{item.pk}"
    visitor = new_visitor()
    assert "$4.90" in new_visitor().get(address).text
    add(visitor, item)
    assert "$4.90" in visitor.get(address).text
    choice = {"currency": "USD", "country": "FR", "shipping_rate": ""}
    assert visitor.post("/order/shipping", choice).status_code == 303
    assert "$19.00" in visitor.get(address).text
    assert "$4.90" in new_visitor().get(address).text


def test_other_pages_of_a_visitor_are_rendered_as_ever(new_visitor: NewVisitor, item: Item) -> None:
    visitor = new_visitor()
    add(visitor, item)
    assert "Stoneware mug" in visitor.get("/order").text
    nothing = visitor.get("/nothing")
    assert (badge_of(nothing), nothing["Cache-Control"]) == ("1", "private, no-cache")
    assert badge_of(visitor.get("/item/404404")) == "1"
    assert badge_of(visitor.get("/?a=1")) == "1"
