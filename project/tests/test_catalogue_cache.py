"""Pages of the catalogue are kept for seconds, and nobody sees the page of another visitor."""

import gzip
import logging
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from cart.models import Order
from project.bodies import REFUSED
from project.unreadable import UNREADABLE
from store.models import Item, Page
from tests.support.carts import HTMX, add
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser
from tests.support.shipping import add_rate
from tests.support.waiting import wait_until

PUBLIC = "public, max-age=0, s-maxage=60, stale-while-revalidate=1"
PRIVATE = "private, no-cache, no-store"
VARY = {
    "Cookie",
    "Accept-Language",
    "Accept-Encoding",
    "HX-Request",
    "HX-History-Restore-Request",
}

type NewVisitor = Callable[[], Client]


def visitors_of_one_process() -> NewVisitor:
    handler = Client().handler

    def new_visitor() -> Client:
        visitor = new_browser()
        visitor.handler = handler
        visitor.raise_request_exception = False
        return visitor

    return new_visitor


@pytest.fixture
def new_visitor(db: None, settings: Any) -> NewVisitor:
    """Each call returns a visitor of the same process, which keeps pages for a minute."""
    settings.CATALOGUE_CACHE_SECONDS = 60
    return visitors_of_one_process()


def headers_of(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}


def is_kept(visitor: Client, address: str) -> bool:
    """Whether the page shows old prices, 19.99 where the catalogue has 25."""
    Item.objects.update(price=Decimal("19.99"))
    visitor.get(address)
    Item.objects.update(price=25)
    return "19.99" in visitor.get(address).text


def badge_of(answer: Any) -> str:
    found = re.search(r'class="count">(\d+)', answer.text)
    return found[1] if found else ""


# --- Visitors without a session ---


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


def test_a_wrong_host_is_refused_although_the_page_is_kept(
    new_visitor: NewVisitor, item: Item
) -> None:
    assert is_kept(new_visitor(), "/")
    assert new_visitor().get("/", headers={"Host": "evil.example"}).status_code == 400


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


def test_compressed_pages_are_the_same_for_everybody_too(
    new_visitor: NewVisitor, item: Item
) -> None:
    accepted = {"Accept-Encoding": "gzip, br"}
    first, second = (new_visitor().get("/", headers=accepted) for _ in range(2))
    plain = new_visitor().get("/")
    assert first.content == second.content
    assert second["Content-Encoding"] == "gzip"
    assert int(second["Content-Length"]) == len(second.content)
    assert gzip.decompress(second.content) == plain.content
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


# --- Visitors with a session ---


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


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("base.html", '{% block main %}{% endblock %}<p class="count">{{ cart_quantity }}</p>'),
        ("cart/badge.html", '{% if quantity %}<p class="count">{{ quantity }}</p>{% endif %}'),
        ("cart/badge.html", '{% if quantity %}<p class="count">{{ quantity }}</p>{% endif %}\n'),
        (
            "cart/badge.html",
            '<p{% if quantity %} class="count">{{ quantity }}{% else %}>{% endif %}',
        ),
    ],
    ids=["page", "nothing", "line", "ambiguous"],
)
def test_a_theme_with_another_badge_renders_every_page_of_a_visitor(
    new_visitor: NewVisitor,
    item: Item,
    settings: Any,
    tmp_path: Path,
    name: str,
    template: str,
) -> None:
    (tmp_path / "cart").mkdir()
    (tmp_path / name).write_text(template)
    own = settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    settings.TEMPLATES = [own]
    visitor = new_visitor()
    add(visitor, item, quantity=7)
    for _time in range(2):
        assert badge_of(new_visitor().get("/")) in ("", "0")
        answer = visitor.get("/")
        assert answer.text.count('class="count">7') == 1
    assert not is_kept(visitor, "/")


def test_an_error_is_reported_once_to_a_visitor_with_a_session(
    new_visitor: NewVisitor, item: Item, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    visitor = new_visitor()
    add(visitor, item)
    caplog.clear()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE store_item RENAME TO gone")
    assert visitor.get(f"/item/{item.pk}").status_code == 500
    lines = [(each.name, each.getMessage()) for each in caplog.records]
    assert [name for name, _message in lines].count("django.request") == 1
    assert lines[-1] == ("minicart.requests", "GET /item/<int:item_id> 500")


@pytest.mark.parametrize("is_listed", [True, False], ids=["large", "unlisted"])
def test_a_page_that_can_not_be_kept_is_rendered_once_for_a_visitor_with_a_session(
    new_visitor: NewVisitor, item: Item, is_listed: bool
) -> None:
    visitor = new_visitor()
    add(visitor, item)
    Item.objects.update(description="a" * 100_000, is_listed=is_listed)
    with CaptureQueriesContext(connection) as statements:
        answer = visitor.get(f"/item/{item.pk}")
    assert answer.status_code == (200 if is_listed else 404)
    assert sum('FROM "store_item"' in each["sql"] for each in statements) == 1
    assert badge_of(answer) == "1"
    assert answer["Cache-Control"] == PRIVATE


def test_an_extension_sees_the_other_cookies_of_a_visitor_with_a_session(
    new_visitor: NewVisitor, item: Item, settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "project.tests.extension_middleware.set_cookie"]
    visitor = new_visitor()
    add(visitor, item)
    assert visitor.cookies["seen"].value == "1"
    answer = visitor.get("/")
    assert answer.cookies["seen"].value == "2"
    assert badge_of(answer) == "1"


def test_an_extension_that_begins_a_session_on_each_page_does_not_replace_the_visitors(
    new_visitor: NewVisitor, item: Item, settings: Any
) -> None:
    visitor = new_visitor()
    add(visitor, item)
    extension = "project.tests.extension_middleware.count_in_session"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, extension]
    visitor.handler = Client().handler
    key = visitor.session.session_key
    for _time in range(2):
        assert badge_of(visitor.get("/")) == "1"
    assert visitor.session.session_key == key
    assert visitor.session["pages"] == 2


def test_a_session_that_can_not_be_read_is_an_error_with_a_policy(
    new_visitor: NewVisitor, item: Item
) -> None:
    visitor = new_visitor()
    add(visitor, item)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_session RENAME TO gone")
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "Content-Security-Policy" in answer
    assert new_visitor().get("/").status_code == 200


# --- What a kept page shows is asked again at every press ---


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
