"""The first page of the admin: what a merchant wants to know in the morning."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from project.sales import sales
from store.models import Item, Shop
from tests.support.alerts import add_alert
from tests.support.rights import client_of_staff

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)  # a Wednesday


def paid(at: datetime, amount: int, *, refunded: int = 0, currency: str = "USD") -> Order:
    return Order.objects.create(
        state=State.PAID,
        currency=currency,
        paid_at=at,
        subtotal_amount=amount,
        total_amount=amount,
        refunded_amount=refunded,
    )


def test_sales_are_added_by_day_week_and_month_in_each_currency(db: None) -> None:
    paid(NOON, 1000)
    paid(NOON - timedelta(hours=1), 500, refunded=200)
    paid(NOON - timedelta(days=2), 300)  # Monday
    paid(NOON - timedelta(days=3), 70)  # Sunday, the first
    paid(NOON - timedelta(days=4), 5)  # last month
    paid(NOON - timedelta(days=30), 9)  # before the days of the chart
    paid(NOON - timedelta(days=1), 4, currency="EUR")
    Order.objects.create(state=State.CHECKOUT, currency="USD", total_amount=8)
    euros, dollars = sales(at=NOON)
    assert (euros.currency, euros.today, euros.week, euros.month) == ("EUR", 0, 4, 4)
    assert (dollars.today, dollars.week, dollars.month) == (1300, 1600, 1670)
    assert [(day.date.day, day.amount) for day in dollars.days[-5:]] == [
        *((31, 5), (1, 70), (2, 300), (3, 0), (4, 1300))
    ]
    assert dollars.days[0].date == date(2026, 10, 6)
    assert len(dollars.days) == 30
    assert [day.height for day in dollars.days[-5:]] == [1, 3, 14, 0, 60]
    assert dollars.days[-1].top == 0


def test_a_day_is_a_day_of_the_shop(db: None, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    paid(datetime(2026, 11, 3, 15, tzinfo=UTC), 700)  # midnight between the 3rd and the 4th
    paid(datetime(2026, 11, 3, 14, 59, tzinfo=UTC), 90)
    (yen,) = sales(at=NOON)
    assert yen.today == 700
    assert [day.amount for day in yen.days[-2:]] == [90, 700]


def test_a_month_of_31_days_is_added_in_full(db: None) -> None:
    paid(datetime(2026, 10, 1, 0, 30, tzinfo=UTC), 100)
    (dollars,) = sales(at=datetime(2026, 10, 31, 12, tzinfo=UTC))
    assert dollars.month == 100
    assert sum(day.amount for day in dollars.days) == 0


@pytest.fixture
def shop(make_item: Any) -> Item:
    """A shop with two orders to ship, of which one needs attention, and with little stock."""
    now = timezone.now()
    for amount in (2000, 1500):
        order = paid(now, amount)
        Order.objects.filter(pk=order.pk).update(needs_shipping=True)
    add_alert(order, "Paid twice.")
    make_item(name="Vase", stock=9)
    make_item(name="Bowl", stock=0, is_listed=False)
    make_item(name="Lamp", stock=None)
    mug: Item = make_item(name="Mug", stock=2)
    return mug


def first_page(client: Client) -> str:
    return " ".join(client.get("/admin/").content.decode().split())


def test_the_page_says_what_there_is_to_do(admin_client: Client, shop: Item) -> None:
    page = first_page(admin_client)
    assert '?todo=ship"><strong>2</strong> To ship' in page
    assert "<strong>1</strong> Needs attention" in page
    assert page.count("<dd>$35.00</dd>") == 3
    assert page.count("<rect ") == 30
    assert "<td>$35.00</td>" in page  # the chart as a table
    assert f'/admin/store/item/{shop.pk}/change/">Mug</a>: 2' in page
    for other in ("Vase", "Bowl", "Lamp"):
        assert f">{other}</a>:" not in page
    form = '<a href="/admin/store/shop/1/change/">'
    assert f"{form}The shop has no name: enter one in the admin.</a>" in page
    assert "<li> Payments in USD use a test key" in page


def test_what_is_not_missing_is_not_shown(admin_client: Client, settings: Any) -> None:
    settings.LOW_STOCK = 0
    Shop.objects.create(name="Brass & Bell")
    page = first_page(admin_client)
    assert "The shop has no name" not in page
    assert "Low stock" not in page
    assert 'id="sold"' not in page


@pytest.mark.parametrize(
    ("right", "seen"),
    [
        ("cart.view_order", "To ship"),
        ("payments.view_payment", 'id="sold"'),
        ("store.view_item", 'id="low-stock"'),
        ("store.change_shop", 'id="missing"'),
    ],
)
def test_staff_see_what_they_have_a_right_to(shop: Item, right: str, seen: str) -> None:
    parts = {"To ship", 'id="sold"', 'id="low-stock"', 'id="missing"'}
    page = first_page(client_of_staff(right))
    assert {part for part in parts if part in page} == {seen}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_orders_come_before_the_catalogue_and_users_come_last(
    admin_client: Client, language: str
) -> None:
    """On a phone, the list of users was above that of orders."""
    answer = admin_client.get("/admin/", headers={"Accept-Language": language})
    labels = [app["app_label"] for app in answer.context["app_list"]]
    assert labels == ["cart", "store", "notifications", "auth"]
