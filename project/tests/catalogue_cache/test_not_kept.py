"""What is not kept, and requests that no kept page answers."""

from typing import Any

import pytest

from project.bodies import REFUSED
from project.unreadable import UNREADABLE
from store.models import Item
from tests.support.carts import HTMX
from tests.support.kept_pages import (
    NewVisitor,
    is_kept,
)


@pytest.mark.parametrize(
    "query",
    [
        "?a=1",
        "?currency=USD&a=1",
        "?currency=USD&currency=USD",
        "?after=9999~100&currency=USD",
        "?currency=US%44",
        "?currency=USD&",
        "?&",
        "?after=9999~100%20",
        "?after=09999~100",
        "?after=",
        "?currency=",
        "?currency=&after=9999~100",
        "?" + "a=1&" * 2000,
    ],
)
def test_another_form_of_the_parameters_is_not_kept(
    new_visitor: NewVisitor, item: Item, query: str
) -> None:
    assert is_kept(new_visitor(), "/")
    assert not is_kept(new_visitor(), "/" + query)
    assert "ETag" not in new_visitor().get("/" + query)


def test_only_the_address_of_an_item_that_the_shop_links_to_is_kept(
    new_visitor: NewVisitor, item: Item
) -> None:
    assert is_kept(new_visitor(), f"/item/{item.pk}")
    assert not is_kept(new_visitor(), f"/item/0{item.pk}")
    assert "ETag" not in new_visitor().get(f"/item/0{item.pk}")


def test_a_body_without_a_readable_type_is_refused_although_the_page_is_kept(
    new_visitor: NewVisitor, item: Item
) -> None:
    assert is_kept(new_visitor(), "/")
    assert new_visitor().get("/", CONTENT_TYPE=UNREADABLE).status_code == 400


@pytest.mark.parametrize("status", [408, 413, 503])
def test_a_body_is_refused_although_the_page_is_kept(
    new_visitor: NewVisitor, item: Item, status: int
) -> None:
    assert is_kept(new_visitor(), "/")
    answer = new_visitor().get("/", **{"asgi.scope": {REFUSED: status}})  # type: ignore[arg-type]
    assert answer.status_code == status
    assert answer.get("Connection", "") == ("" if status == 413 else "close")


def test_a_wrong_host_is_refused_although_the_page_is_kept(
    new_visitor: NewVisitor, item: Item
) -> None:
    assert is_kept(new_visitor(), "/")
    assert new_visitor().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_the_message_of_a_failed_payment_is_not_kept(new_visitor: NewVisitor, item: Item) -> None:
    address = f"/item/{item.pk}"
    message, failed = "The payment did not go through", f"{address}?payment=failed"
    shown = [new_visitor().get(each).text.count(message) for each in (failed, address, failed)]
    assert shown == [2, 1, 2]  # one is for the script of Pay here


def test_other_pages_are_not_kept(new_visitor: NewVisitor, item: Item) -> None:
    for address in ("/order", "/order/find", "/robots.txt", f"/theme-{'0' * 12}.css"):
        assert "ETag" not in new_visitor().get(address)
        assert "public" not in new_visitor().get(address).get("Cache-Control", "")


def test_errors_are_not_kept(new_visitor: NewVisitor, make_item: Any, settings: Any) -> None:
    for address in ("/item/123456", "/?currency=JPY", "/?after=x"):
        answer = new_visitor().get(address)
        assert answer.status_code in (400, 404)
        assert answer["Cache-Control"] == "private, no-cache"
    make_item(pk=123456)
    settings.STRIPE_CURRENCIES = ["USD", "JPY"]
    assert new_visitor().get("/item/123456").status_code == 200
    assert new_visitor().get("/?currency=JPY").status_code == 200


def test_a_large_page_is_not_kept(new_visitor: NewVisitor, item: Item) -> None:
    Item.objects.update(description="a" * 100_000)
    assert not is_kept(new_visitor(), f"/item/{item.pk}")


def test_a_page_that_sets_a_cookie_is_not_kept(
    new_visitor: NewVisitor, item: Item, settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "project.tests.extension_middleware.set_cookie"]
    assert not is_kept(new_visitor(), "/")
    assert "public" not in new_visitor().get("/")["Cache-Control"]


def test_fragments_are_neither_kept_nor_answered_from_the_cache(
    new_visitor: NewVisitor, item: Item
) -> None:
    address = f"/item/{item.pk}"
    fragment = new_visitor().get(address, headers=HTMX)
    page = new_visitor().get(address)
    assert fragment["X-Fragment"]
    assert fragment["Cache-Control"] == "private, no-cache"
    assert "<h1>" in page.text
    Item.objects.update(price=25)
    assert "$25.00" in new_visitor().get(address, headers=HTMX).text
    assert "$19.99" in new_visitor().get(address).text
