"""Catalogue pages are kept for seconds; all visitors without a session get the same bytes."""

import gzip
import logging
from collections.abc import Callable
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from store.models import Item, Page
from tests.support.carts import HTMX, add
from tests.support.kept_pages import (
    PUBLIC,
    VARY,
    NewVisitor,
    headers_of,
    is_kept,
    visitors_of_one_process,
)
from tests.support.local_stripe import LocalStripe
from tests.support.waiting import wait_until


@pytest.mark.parametrize(
    "address", ["/", "/?currency=USD", "/?after=9999~100", "/item/{}", "/pages/x"]
)
def test_two_visitors_get_the_same_bytes_and_the_second_costs_no_query(
    new_visitor: NewVisitor,
    item: Item,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
) -> None:
    Page.objects.create(slug="x", title="About", text="# About us")
    address = address.format(item.pk)
    first = new_visitor().get(address)
    with django_assert_num_queries(0):
        second = new_visitor().get(address)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert headers_of(first) == headers_of(second)
    assert first["X-Request-ID"] != second["X-Request-ID"]
    assert not second.cookies
    assert second["Cache-Control"] == PUBLIC
    assert second["ETag"].startswith('W/"')
    assert set(second["Vary"].split(", ")) == VARY


def test_a_kept_page_is_the_page_that_is_rendered_without_the_cache(
    new_visitor: NewVisitor, item: Item, client: Client, settings: Any
) -> None:
    new_visitor().get(f"/item/{item.pk}")
    kept = new_visitor().get(f"/item/{item.pk}")
    settings.CATALOGUE_CACHE_SECONDS = 0
    rendered = client.get(f"/item/{item.pk}")
    assert kept.content == rendered.content
    differing = headers_of(kept).items() ^ headers_of(rendered).items()
    assert {name for name, _value in differing} == {"Cache-Control", "ETag"}


def test_0_seconds_switch_the_cache_off(client: Client, item: Item, settings: Any) -> None:
    settings.CATALOGUE_CACHE_SECONDS = 0
    assert not is_kept(client, "/")
    answer = client.get("/")
    assert "ETag" not in answer
    assert answer["Cache-Control"] == "private, no-cache"


def test_an_edited_price_is_on_the_page_after_the_seconds(
    item: Item, settings: Any, make_item: Any
) -> None:
    settings.CATALOGUE_CACHE_SECONDS = 1
    visitor = visitors_of_one_process()()
    assert "$19.99" in visitor.get("/").text
    Item.objects.update(price=25)
    wait_until(lambda: "$25.00" in visitor.get("/").text)
    assert "s-maxage=1," in visitor.get("/")["Cache-Control"]


def test_the_seconds_are_counted_from_the_start_of_the_rendering(item: Item, settings: Any) -> None:
    settings.CATALOGUE_CACHE_SECONDS = 1
    slow = "project.tests.extension_middleware.answer_after_a_second"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, slow]
    assert not is_kept(visitors_of_one_process()(), "/")


def test_head_and_get_share_the_page(
    new_visitor: NewVisitor, item: Item, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    head = new_visitor().head("/")
    with django_assert_num_queries(0):
        get = new_visitor().get("/")
        again = new_visitor().head("/")
    assert headers_of(head) == headers_of(get) == headers_of(again)
    assert "Stoneware mug" in get.text
    assert 'name="next" value="/"' in " ".join(get.text.split())  # a change of language comes back
    assert new_visitor().post("/").status_code == 405


def test_a_page_that_is_known_already_is_304(new_visitor: NewVisitor, item: Item) -> None:
    etag = new_visitor().get("/")["ETag"]
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        answer = new_visitor().get("/", headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert (answer["ETag"], answer["Cache-Control"]) == (etag, PUBLIC)
        assert set(answer["Vary"].split(", ")) == VARY
    assert new_visitor().get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_edit_and_a_new_policy_make_a_new_etag(item: Item, db: None, settings: Any) -> None:
    settings.CATALOGUE_CACHE_SECONDS = 60
    etags = [visitors_of_one_process()().get("/")["ETag"] for _process in range(2)]
    Item.objects.update(price=25)
    etags.append(visitors_of_one_process()().get("/")["ETag"])
    settings.SECURE_CSP = settings.SECURE_CSP | {"img-src": ["'none'"]}
    etags.append(visitors_of_one_process()().get("/")["ETag"])
    assert etags[0] == etags[1]
    assert len(set(etags)) == 3


def test_each_language_is_kept_separately(new_visitor: NewVisitor, item: Item) -> None:
    chosen = new_visitor()
    chosen.cookies["django_language"] = "ru"
    for _time in range(2):
        assert '<html lang="en">' in new_visitor().get("/").text
        russian = new_visitor().get("/", headers={"Accept-Language": "ru-RU, en;q=0.5"})
        assert '<html lang="ru">' in russian.text
        assert russian["Content-Language"] == "ru"
        assert chosen.get("/").content == russian.content


def test_http_redirects_although_the_page_of_https_is_kept(
    new_visitor: NewVisitor, item: Item, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    for _time in range(2):
        secure = new_visitor().get("/", secure=True)
        assert secure["Strict-Transport-Security"] == "max-age=60"
        assert new_visitor().get("/")["Location"] == "https://testserver/"


def test_http_and_https_do_not_share_a_page(new_visitor: NewVisitor, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    assert "Strict-Transport-Security" in new_visitor().get("/", secure=True)
    assert "Strict-Transport-Security" not in new_visitor().get("/")


@pytest.mark.parametrize(
    ("accepted", "encoding", "decompress"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("br;q=0.5", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("br; q=0.00, gzip", "gzip", gzip.decompress),
    ],
)
def test_compressed_pages_are_the_same_for_everybody_too(
    new_visitor: NewVisitor,
    item: Item,
    accepted: str,
    encoding: str,
    decompress: Callable[[bytes], bytes],
) -> None:
    headers = {"Accept-Encoding": accepted}
    first, second = (new_visitor().get("/", headers=headers) for _ in range(2))
    plain = new_visitor().get("/")
    assert first.content == second.content
    assert second["Content-Encoding"] == encoding
    assert int(second["Content-Length"]) == len(second.content)
    assert decompress(second.content) == plain.content
    assert "Content-Encoding" not in plain


def test_each_answer_has_a_line_in_the_log(
    new_visitor: NewVisitor, item: Item, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "minicart.requests")
    with_cart = new_visitor()
    add(with_cart, item)
    for visitor in (new_visitor(), new_visitor(), with_cart):
        visitor.get(f"/item/{item.pk}")
    etag = new_visitor().get("/")["ETag"]
    new_visitor().get("/", headers={"If-None-Match": etag})
    lines = [line for line in caplog.messages if "POST" not in line]
    assert lines == ["GET /item/<int:item_id> 200"] * 3 + ["GET / 200", "GET / 304"]


def test_a_sold_out_piece_can_not_be_bought_or_added_from_a_kept_page(
    new_visitor: NewVisitor, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    address = f"/item/{item.pk}"
    visitor = new_visitor()
    visitor.get(address)
    Item.objects.update(stock=0)
    assert "Add to cart" in visitor.get(address).text
    added = add(visitor, item, htmx=True)
    assert added.status_code == 409
    assert "Sorry, this item is sold out." in added.text
    bought = visitor.get(f"/buy/{item.pk}", headers={"Sec-Fetch-Site": "same-origin"})
    assert bought.status_code == 409
    assert bought.json()["error"]["code"] == "sold_out"
    pressed = visitor.post(f"/buy/{item.pk}", {"seen_amount": item.amount, "currency": "USD"})
    assert pressed.status_code == 409
    assert "sold out" in pressed.text
    assert "Add to cart" not in visitor.get(address, headers=HTMX).text
