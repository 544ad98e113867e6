from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Order, State
from project.cleanup import clean_up
from store.models import Item
from tests.support.carts import add


def clean_carts() -> str:
    """Run the command and return its output."""
    output = StringIO()
    call_command("clean_carts", stdout=output)
    return output.getvalue()


def test_deletes_carts_idle_for_30_days_and_no_other_order(client: Client, item: Item) -> None:
    old, recent = timezone.now() - timedelta(days=31), timezone.now() - timedelta(days=29)
    for state in State:
        paid_at = old if state == State.PAID else None
        for touched in (old, recent):
            order = Order.objects.create(currency="USD", state=state, paid_at=paid_at)
            Order.objects.filter(pk=order.pk).update(updated_at=touched)
    assert "1 idle carts deleted." in clean_carts()
    assert Order.objects.count() == 2 * len(State) - 1


def test_keeps_a_cart_with_an_alert_also_when_staff_have_dealt_with_it(db: None) -> None:
    old = timezone.now() - timedelta(days=31)
    waiting, dealt_with = (Order.objects.create(currency="USD") for _ in range(2))
    waiting.alerts.create(reason="paid_wrong_amount", message="Refund it.", raised_at=old)
    dealt_with.alerts.create(
        reason="paid_wrong_amount", message="Refund it.", raised_at=old, resolved_at=old
    )
    Order.objects.update(updated_at=old)
    assert "0 idle carts deleted." in clean_carts()


def test_keeps_a_cart_whose_money_arrives_while_the_clean_up_waits_for_it(db: None) -> None:
    order = Order.objects.create(currency="USD")
    Order.objects.update(updated_at=timezone.now() - timedelta(days=31))

    looked: list[str] = []

    def raise_alert_after_the_first_look(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith("SELECT") and not looked:
            looked.append(sql)
            order.alerts.create(reason="paid_twice", message="Refund.", raised_at=timezone.now())
        return result

    with connection.execute_wrapper(raise_alert_after_the_first_look):
        list(clean_up(at=timezone.now()))
    assert Order.objects.get() == order


def test_a_cart_that_was_changed_is_not_idle(client: Client, item: Item) -> None:
    add(client, item)
    Order.objects.update(updated_at=timezone.now() - timedelta(days=31))
    add(client, item)
    assert "0 idle carts" in clean_carts()


def test_locks_carts_before_deleting_them(db: None) -> None:
    """A cart can't be bought while it is deleted. SQLite locks the whole file instead."""
    Order.objects.create(currency="USD")
    Order.objects.update(updated_at=timezone.now() - timedelta(days=31))
    with CaptureQueriesContext(connection) as queries:
        assert "1 idle carts" in clean_carts()
    selects = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    assert "FOR UPDATE" in selects[0] or connection.vendor == "sqlite"


def test_deletes_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("project.cleanup.BATCH_SIZE", 2)
    Order.objects.bulk_create(Order(currency="USD") for _ in range(5))
    now = timezone.now()
    Order.objects.update(updated_at=now - timedelta(days=31))
    assert list(clean_up(at=now)) == [("carts", 2), ("carts", 2), ("carts", 1)]
