"""The list of orders in the admin when there are many."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Order, State
from payments.admin import order_list
from payments.admin.orders import OrderAdmin
from payments.models import Invoice
from store.models import Item
from tests.support.alerts import add_alert
from tests.support.answers import page_of


@pytest.fixture
def make_order(item: Item) -> Any:
    def make(currency: str = "USD", **values: Any) -> Order:
        paid = {"state": State.PAID, "paid_at": timezone.now(), "total_amount": 1999}
        order = Order.objects.create(currency=currency, needs_shipping=True, **(paid | values))
        order.lines.create(item=item, name=item.name, unit_amount=1999)
        return order

    return make


def listed(client: Client, orders: list[Order], query: str) -> list[Order]:
    page = page_of(client, f"/admin/cart/order/{query}")
    return [order for order in orders if order.number in page]


def test_later_pages_go_on_after_what_has_to_be_done(
    admin_client: Client, make_order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OrderAdmin, "list_per_page", 2)
    done, older_done = (make_order(shipped_at=timezone.now()) for _ in range(2))
    to_ship, older_to_ship = (make_order() for _ in range(2))
    alert = make_order(shipped_at=timezone.now())
    add_alert(alert, "Paid twice.")
    orders = [alert, older_to_ship, to_ship, older_done, done]  # a later order is a newer one
    shown = [listed(admin_client, orders, f"?p={number}") for number in (1, 2, 3)]
    assert shown == [orders[:2], orders[2:4], orders[4:]]
    by_number = sorted(orders, key=lambda order: order.number)
    assert listed(admin_client, by_number, "?o=1&p=2") == by_number[2:4]


def test_a_search_that_finds_too_many_shows_the_newest(
    admin_client: Client, make_order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_list, "MOST_FOUND", 2)
    orders = [make_order() for _ in range(3)]
    sentence = "These are the newest 2 of the orders that were found."
    assert listed(admin_client, orders, "?q=mug") == orders[1:]
    assert sentence in page_of(admin_client, "/admin/cart/order/?q=mug")
    orders.pop().delete()
    assert listed(admin_client, orders, "?q=mug") == orders
    assert sentence not in page_of(admin_client, "/admin/cart/order/?q=mug")


def test_a_task_with_many_orders_is_not_counted_to_the_end(
    admin_client: Client, make_order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_list, "MOST_COUNTED", 2)
    for shown in ("To ship (1)", "To ship (2)", "To ship (2+)"):
        make_order()
        assert shown in page_of(admin_client, "/admin/cart/order/")


def test_an_exact_number_finds_only_its_order(admin_client: Client, make_order: Any) -> None:
    order, other = make_order(number="NATE-BAAK"), make_order(buyer_name="Nate Baak")
    Invoice.objects.issue(order, livemode=True)
    for text in ("nate-baak", "natebaak", "inv-1001", "1001"):
        assert listed(admin_client, [order, other], f"?q={text}") == [order]
    assert listed(admin_client, [order, other], '?q="nate baa"') == [other]
    assert listed(admin_client, [order, other], "?q=nate baa") == [order, other]


def test_an_address_is_looked_for_in_no_names(admin_client: Client, make_order: Any) -> None:
    """A regular expression on all names takes a second with 100,000 orders."""
    order, other = make_order(email="anna@shop.example"), make_order(email="bo@shop.example")
    for text in ("Anna@Shop.example", "anna@", "mug anna@"):
        assert listed(admin_client, [order, other], f"?q={text}") == [order]
    with CaptureQueriesContext(connection) as queries:
        assert listed(admin_client, [order, other], "?q=@shop.example") == [order, other]
    assert not any("LIKE" in each["sql"] and "orderline" in each["sql"] for each in queries)


def test_the_list_filters_by_the_currencies_of_the_shop(
    admin_client: Client, make_order: Any
) -> None:
    dollars, euros = make_order(), make_order("EUR")
    assert listed(admin_client, [dollars, euros], "?currency=EUR") == [euros]
    assert "?currency=USD" in page_of(admin_client, "/admin/cart/order/")


def test_a_cart_with_an_alert_of_the_past_stays_in_the_list(
    admin_client: Client, make_order: Any
) -> None:
    cart = make_order(state=State.CART, paid_at=None)
    assert listed(admin_client, [cart], "") == []
    add_alert(cart, "Paid the wrong amount.")
    cart.alerts.update(resolved_at=timezone.now())
    assert listed(admin_client, [cart], "") == [cart]


def test_an_order_has_only_the_history_of_its_page(admin_client: Client, make_order: Any) -> None:
    page = f"/admin/cart/order/{make_order().pk}/"
    answer = admin_client.get(f"{page}history/")
    assert (answer.status_code, answer["Location"]) == (303, f"{page}change/")
    assert "history/" not in admin_client.get(f"{page}change/").content.decode()
