from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment
from project.cleanup import clean_up
from store.models import Item
from tests.support.carts import add
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, states_after_settling
from tests.support.presses import press_buy


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


LATER = timedelta(days=31)


def clean_later() -> set[str]:
    """Clean up when 31 days have passed; return the states of the orders that stay."""
    for table in (Order, Payment):
        table.objects.update(updated_at=F("updated_at") - LATER)
    list(clean_up(at=timezone.now()))
    return set(Order.objects.values_list("state", flat=True))


@pytest.fixture
def ended(item: Item, local_stripe: LocalStripe) -> Payment:
    """The attempt of a one-click order that has expired at Stripe."""
    payment = press_buy(item)
    local_stripe.expire(payment.stripe_id)
    assert states_after_settling(payment) == ("expired", "cancelled")
    return payment


def test_deletes_a_cancelled_order_whose_attempt_expired_at_stripe(ended: Payment) -> None:
    assert list(clean_up(at=timezone.now() + timedelta(days=29))) == []
    days = timezone.now() + LATER
    assert list(clean_up(at=days)) == [("cancelled orders", 1)]
    assert not Payment.objects.exists()


def test_deletes_a_cancelled_order_whose_debit_failed(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    payment = press_buy(make_item(currency="EUR"))
    local_stripe.pay(payment.stripe_id, method="sepa_debit")
    look_again(payment)
    local_stripe.finish_delayed(local_stripe.intents()[0]["id"], succeed=False)
    assert states_after_settling(payment) == ("failed", "cancelled")
    assert clean_later() == set()


@pytest.mark.parametrize(
    "changes",
    [
        {"stripe_id": "", "state": "failed"},  # Stripe has not answered
        {"state": "failed", "awaits_buyer": True},  # a bank transfer that can still be paid
        {"state": "open"},
        {"state": "processing"},
        {"state": "succeeded"},
    ],
)
def test_keeps_a_cancelled_order_that_may_be_paid(ended: Payment, changes: dict[str, Any]) -> None:
    Payment.objects.update(**changes)
    assert clean_later() == {"cancelled"}


def test_keeps_a_cancelled_order_with_a_younger_attempt(ended: Payment) -> None:
    Order.objects.update(updated_at=F("updated_at") - LATER)
    assert list(clean_up(at=timezone.now())) == []


def test_keeps_a_cancelled_order_with_an_alert(ended: Payment) -> None:
    ended.order.alerts.create(reason="paid_twice", message="Refund.", raised_at=timezone.now())
    assert clean_later() == {"cancelled"}


def test_copies_stay_until_their_original_is_final(item: Item, local_stripe: LocalStripe) -> None:
    """Late money for an order finds its last copy, over the cancelled copies in between."""
    first, second = press_buy(item), press_buy(item)
    for payment in (first, second):
        local_stripe.expire(payment.stripe_id)
        look_again(payment)
    Order.objects.filter(pk=second.order_id).update(copied_from=first.order_id)
    Payment.objects.filter(pk=first.pk).update(state="failed", awaits_buyer=True)
    assert clean_later() == {"cancelled"}
    assert Order.objects.count() == 2
    Order.objects.filter(pk=first.order_id).update(state="paid", paid_at=timezone.now())
    assert clean_later() == {"paid"}


def test_deletes_an_original_and_then_its_copy(item: Item, local_stripe: LocalStripe) -> None:
    first, second = press_buy(item), press_buy(item)
    for payment in (first, second):
        local_stripe.expire(payment.stripe_id)
        look_again(payment)
    Order.objects.filter(pk=second.order_id).update(copied_from=first.order_id)
    assert clean_later() == set()


def test_an_event_about_a_deleted_order_is_answered(ended: Payment) -> None:
    event = event_about(ended.stripe_id)
    assert clean_later() == set()
    assert deliver(event) == 200
