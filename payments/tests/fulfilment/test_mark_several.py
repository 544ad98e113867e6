"""Staff mark several orders as shipped at once."""

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Order, State
from cart.signals import order_shipped_in_transaction
from payments.admin.orders import MOST_CHOSEN
from tests.support.alerts import add_alert, resolve_alerts_of
from tests.support.fulfilment import LIST


def test_several_are_marked_at_once(admin_client: Client, order: Order, make_order: Any) -> None:
    others = [
        make_order(state=State.CHECKOUT, paid_at=None),
        make_order(needs_shipping=False),
        make_order(shipped_at=timezone.now()),
        make_order(refunded_amount=3998),
    ]
    chosen = {
        "action": "mark_as_shipped",
        "_selected_action": [each.pk for each in [order, *others]],
    }
    asked = admin_client.post(LIST, chosen).content.decode()
    assert "their buyers get a mail" in asked
    assert asked.count("not marked: ") == len(others)
    order.refresh_from_db()
    assert order.shipped_at is None
    chosen["is_confirmed"] = "yes"
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    order.refresh_from_db()
    assert order.shipped_at
    assert "Marked as shipped: 1." in page
    reasons = ("not paid", "nothing has to be sent", "shipped already", "refunded")
    for other, reason in zip(others, reasons, strict=True):
        assert f"{other} ({reason})" in page


def test_orders_with_an_alert_are_not_marked_together(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    dealt_with = make_order()
    add_alert(order, "Check it before you deliver it.")
    add_alert(dealt_with, "Paid twice.")
    resolve_alerts_of(dealt_with)
    chosen: dict[str, Any] = {"action": "mark_as_shipped", "is_confirmed": "yes"}
    chosen["_selected_action"] = [order.pk, dealt_with.pk]
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    assert "Marked as shipped: 1." in page
    assert f"Not marked as shipped: {order} (needs attention)." in page
    order.refresh_from_db()
    assert order.shipped_at is None


def test_nothing_is_asked_where_no_order_can_be_marked(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    not_paid = make_order(state=State.CHECKOUT, paid_at=None)
    chosen: dict[str, Any] = {"action": "mark_as_shipped", "_selected_action": [not_paid.pk]}
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    assert f"Not marked as shipped: {not_paid} (not paid)." in page
    assert "Marked as shipped: " not in page
    chosen |= {"_selected_action": [order.pk], "is_confirmed": "yes"}
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    assert "Marked as shipped: 1." in page
    assert "Not marked as shipped" not in page


def test_an_order_that_somebody_else_marks_meanwhile_is_not_marked_again(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    other = make_order()

    def mark_the_other(order: Order, **_: Any) -> None:
        rest = Order.objects.filter(shipped_at=None).exclude(pk=order.pk)
        rest.update(shipped_at=timezone.now())

    chosen: dict[str, Any] = {"action": "mark_as_shipped", "is_confirmed": "yes"}
    chosen["_selected_action"] = [order.pk, other.pk]
    order_shipped_in_transaction.connect(mark_the_other)
    try:
        page = admin_client.post(LIST, chosen, follow=True).content.decode()
    finally:
        order_shipped_in_transaction.disconnect(mark_the_other)
    assert "Marked as shipped: 1." in page
    assert "(shipped already)." in page


def test_as_many_are_marked_as_the_page_that_asks_can_send(
    admin_client: Client, order: Order
) -> None:
    others = [Order(currency="USD", state=State.CANCELLED) for _ in range(MOST_CHOSEN)]
    Order.objects.bulk_create(others)
    chosen: dict[str, Any] = {"action": "mark_as_shipped", "_selected_action": [order.pk]}
    all_pages = chosen | {"select_across": "1", "index": "0"}
    page = admin_client.post(LIST, all_pages, follow=True).text
    assert "This works with at most 900 orders at once." in page
    others[0].delete()
    keys = re.findall(r'"_selected_action" value="(\d+)"', admin_client.post(LIST, all_pages).text)
    assert len(keys) == MOST_CHOSEN
    chosen |= {"_selected_action": keys, "is_confirmed": "yes"}
    assert "Marked as shipped: 1." in admin_client.post(LIST, chosen, follow=True).text


def test_to_ask_about_more_orders_takes_no_more_queries(
    admin_client: Client, make_order: Any
) -> None:
    def queries(*orders: Order) -> int:
        chosen = {"action": "mark_as_shipped", "_selected_action": [order.pk for order in orders]}
        with CaptureQueriesContext(connection) as captured:
            assert "their buyers get a mail" in admin_client.post(LIST, chosen).text
        return len(captured)

    assert queries(make_order()) == queries(*(make_order() for _ in range(3)))
