"""The list of orders says what there is to do, and finds what staff look for."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Order, ShippingAddress, State
from payments.models import Invoice
from tests.support.alerts import add_alert
from tests.support.answers import page_of
from tests.support.fulfilment import LIST, listed, row_of


def test_the_list_filters_by_what_to_do(admin_client: Client, make_order: Any) -> None:
    to_ship, alert, waiting, done = (
        make_order(),
        make_order(),
        make_order(state=State.PROCESSING, paid_at=None),
        make_order(shipped_at=timezone.now()),
    )
    add_alert(alert, "Paid twice.")
    orders = (to_ship, alert, waiting, done)
    assert listed(admin_client, *orders, query="?todo=ship") == [True, True, False, False]
    assert listed(admin_client, *orders, query="?todo=attention") == [False, True, False, False]
    assert listed(admin_client, *orders, query="?todo=waiting") == [False, False, True, False]
    assert listed(admin_client, *orders, query="?todo=done") == [False, False, False, True]
    assert listed(admin_client, *orders, query="?todo=other") == [True] * 4
    page = page_of(admin_client, LIST)
    for text in ("To ship (2)", "Needs attention (1)", "Waiting for money (1)", "Done (1)"):
        assert text in page


def test_the_list_begins_with_what_has_to_be_done(admin_client: Client, make_order: Any) -> None:
    alert, to_ship, done = (
        make_order(needs_shipping=False),
        make_order(),
        make_order(shipped_at=timezone.now()),
    )
    add_alert(alert, "Paid twice.")
    page = page_of(admin_client, LIST)
    places = [page.index(row_of(page, order)) for order in (alert, to_ship, done)]
    assert places == sorted(places)


def test_a_row_says_who_bought_what_and_how_it_is(admin_client: Client, make_order: Any) -> None:
    order = make_order("Stoneware mug", "Towel", "Pot", "Pan", "Lid", email="a@shop.example")
    order.lines.filter(name="Towel").update(quantity=1)
    row = row_of(page_of(admin_client, LIST), order)
    for text in (
        "2 × Stoneware mug, Towel, 2 × Pot, 2 more",
        "$39.98",
        "a@shop.example",
        "to ship",
    ):
        assert f">{text}</td>" in row
    Order.objects.update(buyer_name="Ada Byron", shipped_at=timezone.now(), refunded_amount=998)
    row = row_of(page_of(admin_client, LIST), order)
    for text in ("Ada Byron", "shipped", "$39.98, $9.98 refunded"):
        assert f">{text}</td>" in row
    Order.objects.update(refunded_amount=3998)
    assert ">refunded</td>" in row_of(page_of(admin_client, LIST), order)
    Order.objects.update(needs_shipping=False, refunded_amount=0, shipped_at=None)
    assert ">paid</td>" in row_of(page_of(admin_client, LIST), order)


def test_the_search_finds_what_staff_know(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    other = make_order("Teaspoon")
    Invoice.objects.issue(order, livemode=True)
    spoken = order.number.replace("-", "").lower()
    receipt = f"https://shop.example/order/{order.token}"
    for words in (
        *(order.number, spoken, spoken[:4] + " " + spoken[4:], "ada@", "byron", "stoneware"),
        *(receipt, f"{receipt}/return?x=1", order.token, "INV-1001", f" {receipt} "),
    ):
        assert listed(admin_client, order, other, query=f"?q={words}") == [True, False], words
    assert listed(admin_client, order, other, query="?q=teaspoon") == [False, True]


def test_the_search_finds_names_in_any_case(admin_client: Client, make_order: Any) -> None:
    order = make_order("Кружка (большая)", buyer_name="Иванова Анна")
    ShippingAddress.objects.create(order=order, name="Пётр О’Нил")
    other = make_order(buyer_name="Петров", email="p@shop.example")
    for words in (
        "иванова",
        "анна ИВАНОВА",
        "кружка",
        "(БОЛЬШАЯ)",
        "пётр",
        "о’нил",
        "ивАнова круж",
    ):
        assert listed(admin_client, order, other, query=f"?q={words}") == [True, False], words
    assert listed(admin_client, order, other, query="?q=.ванова") == [False, False]


def test_the_list_takes_a_constant_number_of_queries(admin_client: Client, make_order: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(admin_client, LIST)
        return len(captured)

    make_order()
    few = queries()
    for _ in range(5):
        make_order("Towel", "Pot")
    assert queries() == few
