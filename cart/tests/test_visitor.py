"""The visitor's key in the session."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cart.models import Order, OrderLine, State
from cart.visitor import quantity_if_only_badge_differs, quantity_in_cart
from store.models import Item
from tests.support.carts import add

DAY = timedelta(days=1)
LIFETIME = timedelta(days=30)


def quantities(client: Client) -> list[int]:
    orders = Order.objects.open_for(client.session.get("visitor", ""))
    return [line.quantity for line in OrderLine.objects.filter(order__in=orders.order_by())]


def make_older(session: Session, by: timedelta) -> None:
    """Store the session as it would be if it had last been renewed `by` ago."""
    stored = session.get_decoded() | {"renewed_at": (timezone.now() - by).timestamp()}
    session.session_data = SessionStore().encode(stored)
    session.expire_date -= by
    session.save()


def test_orders_carry_the_key_of_the_session(client: Client, make_item: Any) -> None:
    for currency in ("USD", "EUR"):
        add(client, make_item(currency=currency))
    visitor = client.session["visitor"]
    assert len(visitor) >= 32
    assert list(Order.objects.values_list("visitor", flat=True)) == [visitor, visitor]
    assert set(client.session.keys()) == {"visitor", "renewed_at"}


def test_the_database_allows_one_cart_per_visitor_and_currency(db: None) -> None:
    Order.objects.create(visitor="v", currency="USD")
    for allowed in (
        {"visitor": "w"},
        {"currency": "EUR"},
        {"buy_key": "one click"},
        {"superseded_at": timezone.now()},
        {"state": State.PROCESSING},
        {"visitor": ""},
        {"visitor": ""},
    ):
        Order.objects.create(**({"visitor": "v", "currency": "USD"} | allowed))
    with pytest.raises(IntegrityError):
        Order.objects.create(visitor="v", currency="USD", state=State.CHECKOUT)


def test_two_sessions_have_two_carts(item: Item) -> None:
    first, second = Client(), Client()
    add(first, item, quantity=2)
    add(second, item)
    assert (quantities(first), quantities(second)) == ([2], [1])


def test_a_change_renews_the_session_once_a_day(client: Client, item: Item) -> None:
    add(client, item)
    session = Session.objects.get()
    assert session.expire_date - timezone.now() > LIFETIME - DAY
    make_older(session, 10 * DAY)
    assert add(client, item).cookies["sessionid"]["max-age"] == LIFETIME.total_seconds()
    assert Session.objects.get().expire_date - timezone.now() > LIFETIME - DAY
    assert "sessionid" not in add(client, item).cookies
    assert quantities(client) == [3]


def test_looking_does_not_renew_the_session(client: Client, item: Item) -> None:
    add(client, item)
    make_older(Session.objects.get(), 10 * DAY)
    for path in ("/", f"/item/{item.pk}", "/order"):
        assert "sessionid" not in client.get(path).cookies


def test_a_login_keeps_the_cart_and_a_logout_takes_it(client: Client, item: Item) -> None:
    add(client, item)
    User.objects.create_superuser("owner", password="long enough for once")
    form = {"username": "owner", "password": "long enough for once"}
    assert client.post("/admin/login/", form).status_code == 302
    assert quantities(client) == [1]
    client.post("/admin/logout/")
    assert "visitor" not in client.session
    assert "Your cart is empty." in client.get("/order").content.decode()


def test_a_session_with_a_login_ends_after_12_hours_without_a_request(
    client: Client, item: Item
) -> None:
    client.force_login(User.objects.create_superuser("owner"))
    for path in ("/admin/", "/order"):
        assert client.get(path).cookies["sessionid"]["max-age"] == 12 * 60 * 60
        left = Session.objects.get().expire_date - timezone.now()
        assert timedelta(hours=11) < left <= timedelta(hours=12)
    add(client, item)
    left = Session.objects.get().expire_date - timezone.now()
    assert left <= timedelta(hours=12)


def test_a_renewed_cart_does_not_keep_the_login(client: Client, item: Item) -> None:
    add(client, item)
    User.objects.create_superuser("owner", password="long enough for once")
    form = {"username": "owner", "password": "long enough for once"}
    assert client.post("/admin/login/", form).cookies["sessionid"]["max-age"] == 12 * 60 * 60
    make_older(Session.objects.get(), 2 * DAY)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    assert add(client, item, quantity=5000).status_code == 422  # refused, but a request too
    assert add(client, item).cookies["sessionid"]["max-age"] == 12 * 60 * 60
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(hours=11) < left <= timedelta(hours=12)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/admin/").status_code == 302


def test_two_first_changes_of_a_session_have_the_same_key(client: Client, item: Item) -> None:
    """Staff who are logged in have a session without a visitor's key."""
    client.force_login(User.objects.create_superuser("owner"))
    other_tab = Client()
    other_tab.cookies["sessionid"] = str(client.session.session_key)
    before = Session.objects.get().session_data
    add(client, item)
    Session.objects.update(session_data=before)  # the other tab has read it before that change
    add(other_tab, item)
    assert quantities(client) == [2]


def test_a_deleted_session_begins_a_new_cart(client: Client, item: Item) -> None:
    add(client, item)
    Session.objects.all().delete()
    add(client, item, quantity=3)
    assert quantities(client) == [3]


def test_the_badge_counts_the_pieces_of_all_carts_in_one_query(
    client: Client, make_item: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for quantity, currency in enumerate(("USD", "EUR"), start=2):
        add(client, make_item(currency=currency), quantity=quantity)
    visitor, session = client.session["visitor"], SessionStore(client.session.session_key)
    others = ({"state": State.CANCELLED}, {"buy_key": "x"}, {"superseded_at": timezone.now()})
    for values in others:
        order = Order.objects.create(visitor=visitor, currency="USD", **values)
        OrderLine.objects.create(order=order, item=make_item(), quantity=7, unit_amount=1)
    assert set(session.keys()) == {"visitor", "renewed_at"}
    with django_assert_num_queries(1):
        assert quantity_if_only_badge_differs(session) == 5
    assert quantity_in_cart(client.get("/").wsgi_request) == 5


@pytest.mark.parametrize(
    "shown", [{"state": State.CHECKOUT}, {"state": State.PROCESSING}, {"chosen_country": "FR"}]
)
def test_a_page_that_shows_more_than_the_badge_is_none(
    client: Client, item: Item, shown: dict[str, str]
) -> None:
    add(client, item)
    session = SessionStore(client.session.session_key)
    assert quantity_if_only_badge_differs(session) == 1
    Order.objects.create(
        visitor=client.session["visitor"], currency="EUR", buy_key="one click", **shown
    )
    assert quantity_if_only_badge_differs(session) is None


def test_many_orders_are_not_read_for_a_badge(
    client: Client, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cart.visitor.MAX_ROWS", 3)
    add(client, item)
    session = SessionStore(client.session.session_key)
    found = []
    for _ in range(3):
        found.append(quantity_if_only_badge_differs(session))
        visitor = client.session["visitor"]
        Order.objects.create(visitor=visitor, currency="USD", state=State.CANCELLED)
    assert [*found, quantity_if_only_badge_differs(session)] == [1, 1, 1, None]


@pytest.mark.parametrize("values", [{}, {"renewed_at": 1}, {"visitor": "v", "_auth_user_id": "1"}])
def test_no_other_session_is_that_of_a_visitor(db: None, values: dict[str, Any]) -> None:
    session = SessionStore()
    session.update(values)
    assert quantity_if_only_badge_differs(session) is None
