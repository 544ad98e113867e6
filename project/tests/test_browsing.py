"""Browsing sets no cookie and stores nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from cart.models import Order
from store.models import Item

pytestmark = pytest.mark.django_db


@pytest.mark.no_cover
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_thousand_visits_leave_nothing(make_item: Any, headers: dict[str, str]) -> None:
    items = [make_item(), make_item(stock=0), make_item(currency="JPY", price=500)]
    paths = ["/", "/?currency=USD", "/order", *(f"/item/{each.pk}" for each in items)]
    for _ in range(84):
        for path in paths:
            answer = Client(headers=headers).get(path)
            assert answer.status_code == 200
            assert not answer.cookies
    assert not Session.objects.exists()
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/item/404404", 404),
        ("/order/" + "a" * 32, 404),
        ("/?after=x", 400),
        ("/order/lines", 303),
        ("/admin/", 302),
        ("/admin/login/", 200),
    ],
)
def test_other_pages_set_no_cookie(path: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == status
    assert not answer.cookies
    assert not Session.objects.exists()


def test_a_refused_change_sets_no_cookie(item: Item) -> None:
    answer = Client().post("/order/lines", {"item": 404404})
    assert answer.status_code == 404
    assert not answer.cookies


def test_a_refused_login_sets_no_cookie() -> None:
    answer = Client().post("/admin/login/", {"username": "admin", "password": "wrong"})
    assert answer.status_code == 200
    assert not answer.cookies


def test_the_admin_sets_only_the_session(admin_user: User, item: Item) -> None:
    form = {"username": "admin", "password": "password"}
    browser = Client()
    assert browser.post("/admin/login/?next=/admin/", form).status_code == 302
    for path in ("/admin/", f"/admin/store/item/{item.pk}/change/"):
        assert browser.get(path).status_code == 200
    assert set(browser.cookies) == {"sessionid"}
