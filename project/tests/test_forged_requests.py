"""Every address that changes something, and each way in which another site's page can ask for it.

The browser of these tests has all of the visitor's cookies, as if SameSite didn't exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from cart.models import Discount, Order, OrderLine
from payments.models import Payment
from store.models import Item
from tests.support import refund_form
from tests.support.answers import error_of
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid
from tests.support.shipping import add_rate

APPS = ("store", "cart", "payments", "notifications")
OWN = {"Sec-Fetch-Site": "same-origin"}
# Browsers since 2023 send Sec-Fetch-Site to https and to localhost. Older ones, and any browser at
# an http address, send Origin with a POST, and Referer if the page's policy allows it.
WAYS = {
    "page of another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "page of another port": {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver:81"},
    "claims our origin": {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    "old browser": {"Origin": "https://evil.example", "Referer": "http://testserver/"},
    "sandboxed frame": {"Origin": "null"},
    "older browser": {"Referer": "https://evil.example/http://testserver/"},
    "no header": {},
}


@dataclass(frozen=True)
class Shop:
    """A shop with a paid order, and a browser with a cart where a member of staff is logged in."""

    browser: Client
    item: Item
    payment: Payment
    line: OrderLine


@pytest.fixture
def shop(make_item: Any, local_stripe: LocalStripe, admin_user: User) -> Shop:
    payment = paid(make_item(), local_stripe)
    payment.order.refresh_from_db()
    add_rate(490, "DE")
    item = make_item(name="Pot", stock=9)
    for code in ("TEN", "TWENTY"):
        Discount.objects.create(code=code, percent=10)
    browser = Client(enforce_csrf_checks=True, headers=OWN)
    browser.force_login(admin_user)
    browser.post("/order/lines", {"item": item.pk})
    browser.post("/order/discount", {"code": "TEN", "currency": "USD"})
    return Shop(browser, item, payment, OrderLine.objects.get(item=item))


def cancel_path(shop: Shop) -> str:
    """The address that ends the payment of the cart, which is open."""
    assert shop.browser.get("/order/buy").status_code == 200
    return f"{shop.line.order.get_absolute_url()}/cancel"


Press = Callable[[Shop], tuple[str, dict[str, Any]]]
ITEM = {"name": "Free", "price": "1.00", "currency": "USD", "description": "", "is_listed": "on"}
CART = {"currency": "USD"}
ADDRESSES: dict[str, Press] = {
    "add-line": lambda shop: ("/order/lines", {"item": shop.item.pk}),
    "update-line": lambda shop: (f"/order/lines/{shop.line.pk}", {"quantity": 5, "was": 1}),
    "remove-line": lambda shop: (f"/order/lines/{shop.line.pk}/remove", {}),
    "apply-discount": lambda shop: ("/order/discount", CART | {"code": "TWENTY"}),
    "remove-discount": lambda shop: ("/order/discount/remove", CART),
    "choose-shipping": lambda _shop: ("/order/shipping", CART | {"country": "DE"}),
    "find-order": lambda shop: (
        "/order/find",
        {"number": shop.payment.order.number, "email": shop.payment.order.email},
    ),
    "buy-item": lambda shop: (f"/buy/{shop.item.pk}", {}),
    "create-item-intent": lambda shop: (f"/buy/{shop.item.pk}/intent", {}),
    "buy-order": lambda shop: ("/order/buy", CART),
    "create-order-intent": lambda shop: ("/order/intent", CART),
    "cancel-payment": lambda shop: (cancel_path(shop), {}),
    "login": lambda shop: ("/admin/login/", {"username": "admin", "password": "password"}),
    "change an item": lambda shop: (
        f"/admin/store/item/{shop.item.pk}/change/",
        ITEM | {"stock": 9, "initial-stock": 9},
    ),
    "close the shop": lambda _shop: ("/admin/store/shop/closed", {"is_closed": "1"}),
    "refund": lambda shop: (
        refund_form.address(shop.payment),
        refund_form.filled_form(shop.browser, shop.payment),
    ),
}
# Stripe signs what it sends here.
SIGNED = {"receive-stripe-event"}
# It only sets a cookie: store/tests/test_set_language.py.
WITHOUT_ROWS = {"set-language"}
CONVERTERS = {"token": "order_token", "slug": "slug", "fingerprint": "slug"}
BUY_BY_GET = {name: ADDRESSES[name] for name in ("buy-item", "buy-order")}


def all_rows() -> list[Any]:
    """The rows of every table that a press may change; not web's, which counts the presses."""
    labels = (*APPS, "auth", "admin", "sessions")
    models = [each for label in labels for each in apps.get_app_config(label).get_models()]
    return [list(each._default_manager.order_by("pk").values()) for each in models]


def forged(shop: Shop, headers: dict[str, str]) -> Client:
    client = Client(enforce_csrf_checks=True, headers=headers)
    client.cookies = shop.browser.cookies
    return client


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_forged_post_is_refused_and_changes_nothing(shop: Shop, address: str, way: str) -> None:
    path, fields = ADDRESSES[address](shop)
    before = all_rows()
    assert forged(shop, WAYS[way]).post(path, fields).status_code == 403
    assert all_rows() == before


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_same_post_of_the_shops_own_page_is_done(shop: Shop, address: str) -> None:
    path, fields = ADDRESSES[address](shop)
    before = all_rows()
    assert shop.browser.post(path, fields).status_code in (200, 302, 303)
    assert all_rows() != before


@pytest.mark.parametrize("way", [way for way, headers in WAYS.items() if headers])
@pytest.mark.parametrize("address", BUY_BY_GET)
def test_a_forged_get_of_buy_is_refused(shop: Shop, address: str, way: str) -> None:
    path, fields = ADDRESSES[address](shop)
    before = all_rows()
    assert error_of(forged(shop, WAYS[way]).get(path, fields), 503) == "not_pressed"
    assert all_rows() == before


def test_no_address_of_the_shop_is_forgotten(client: Client, db: None) -> None:
    """Every address that accepts POST is above."""
    resolvers = [each for each in get_resolver().url_patterns if isinstance(each, URLResolver)]
    of_the_shop = [each for each in resolvers if each.app_name in APPS]
    patterns = [each for resolver in of_the_shop for each in resolver.url_patterns]
    changing = set()
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        values = {"item_id": 1, "line_id": 1, "token": "a" * 32, "part": 1}
        values |= {"slug": "a", "fingerprint": "a"}
        path = "/" + str(pattern.pattern)
        for name in pattern.pattern.converters:
            kind = CONVERTERS.get(name, "int")
            path = path.replace(f"<{kind}:{name}>", str(values[name]))
        if client.post(path).status_code != 405:
            changing.add(pattern.name)
    assert changing == {name for name in ADDRESSES if "-" in name} | SIGNED | WITHOUT_ROWS


# What is not refused. A page in a browser can't send the first two: it can't choose its Referer,
# and it can't hold back Origin in a POST. So there are no cookies of a visitor to misuse.
PROGRAMS = {
    "claims our Referer": {"Referer": "http://testserver/"},
    "names no page": {},
    "claims our origin": {"Origin": "http://testserver"},
    "claims to be our page": OWN,
}


@pytest.mark.parametrize("way", PROGRAMS)
def test_a_program_without_a_session_is_a_new_visitor(item: Item, way: str) -> None:
    program = Client(enforce_csrf_checks=True, headers=PROGRAMS[way])
    assert program.post("/order/lines", {"item": item.pk}).status_code == 303
    assert Order.objects.count() == 1


def test_a_program_that_names_no_page_cannot_log_in(admin_user: User) -> None:
    form = {"username": "admin", "password": "password"}
    assert Client(enforce_csrf_checks=True).post("/admin/login/", form).status_code == 403


@pytest.mark.parametrize("address", BUY_BY_GET)
def test_a_get_of_buy_that_names_no_page_is_done(shop: Shop, address: str) -> None:
    """An address that is typed in an old browser looks the same, and so does curl.

    A page of another site can send it only from a browser of before 2023, as a link without
    Referer. It opens Stripe's page, and nothing is paid without the buyer.
    """
    path, fields = ADDRESSES[address](shop)
    assert forged(shop, {}).get(path, fields).status_code == 200
