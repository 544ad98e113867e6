import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import STEPS, Cause, HistoryKind, IllegalStep, Order, OrderLine, State
from store.models import Item

CAUSE = Cause(HistoryKind.RECONCILER)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_only_legal_steps_are_possible(db: None, before: State, after: State) -> None:
    paid_at = timezone.now() if before == State.PAID else None
    order = Order.objects.create(currency="USD", state=before, paid_at=paid_at)
    if after in STEPS[before]:
        order.step(after, at=timezone.now(), cause=CAUSE)
    else:
        with pytest.raises(IllegalStep):
            order.step(after, at=timezone.now(), cause=CAUSE)
    order.refresh_from_db()
    assert order.state == (after if after in STEPS[before] else before)


def test_a_step_from_an_outdated_state_is_refused(db: None) -> None:
    order = Order.objects.create(currency="USD", state=State.CHECKOUT)
    stale = Order.objects.get()
    order.step(State.CANCELLED, at=timezone.now(), cause=CAUSE)
    with pytest.raises(IllegalStep, match="is not checkout any more"):
        stale.step(State.CART, at=timezone.now(), cause=CAUSE)
    (step,) = order.history.all()
    assert str(step) == "checkout → cancelled: reconciler"


def test_the_database_refuses_an_illegal_step(db: None) -> None:
    order = Order.objects.create(currency="USD")
    order.note(CAUSE, at=timezone.now())
    with pytest.raises(IntegrityError, match="order_step_legal"):
        order.history.create(
            at=timezone.now(), from_state=State.PAID, to_state=State.CART, kind=HistoryKind.STAFF
        )


@pytest.mark.parametrize(
    "values",
    [
        {"state": "lost"},
        {"currency": "XXX"},
        {"total_amount": -1},
        {"discount_amount": 1},
        {"state": State.PAID},
        {"state": State.CART, "paid_at": timezone.now()},
    ],
)
def test_the_database_refuses_an_impossible_order(db: None, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        Order.objects.create(**({"currency": "USD"} | values))


def test_one_open_order_for_each_buy_key(db: None) -> None:
    first = Order.objects.create(currency="USD", state=State.CHECKOUT, buy_key="key")
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.create(currency="USD", state=State.CHECKOUT, buy_key="key")
    first.step(State.CANCELLED, at=timezone.now(), cause=CAUSE)
    Order.objects.create(currency="USD", state=State.CHECKOUT, buy_key="key")


@pytest.mark.parametrize("values", [{"quantity": 0}, {"quantity": 1000}, {"unit_amount": -1}])
def test_the_database_refuses_an_impossible_line(item: Item, values: dict[str, Any]) -> None:
    order = Order.objects.create(currency="USD")
    with pytest.raises(IntegrityError):
        OrderLine.objects.create(
            **({"order": order, "item": item, "name": "Mug", "unit_amount": 1} | values)
        )


def test_an_item_has_one_line_in_an_order(item: Item) -> None:
    order = Order.objects.create(currency="USD")
    order.lines.create(item=item, name="Mug", unit_amount=1)
    with pytest.raises(IntegrityError):
        order.lines.create(item=item, name="Mug", unit_amount=1)


def test_a_line_costs_its_amount_times_its_quantity() -> None:
    line = OrderLine(name="Mug", quantity=3, unit_amount=1999)
    assert line.subtotal_amount == 5997
    assert str(line) == "3 × Mug"


def test_tokens_are_long_and_different() -> None:
    tokens = {Order(currency="USD").token for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 32 for token in tokens)


def test_numbers_have_no_letters_that_look_alike_and_are_unique(db: None) -> None:
    order = Order.objects.create(currency="USD")
    assert re.fullmatch(r"[346-9AC-HJKMNP-RTWXY]{4}-[346-9AC-HJKMNP-RTWXY]{4}", order.number)
    assert str(order) == order.number
    with pytest.raises(IntegrityError):
        Order.objects.create(currency="USD", number=order.number)


def test_a_step_writes_its_changes_in_one_update(db: None) -> None:
    order = Order.objects.create(currency="USD")
    with CaptureQueriesContext(connection) as queries:
        order.step(State.CHECKOUT, at=timezone.now(), cause=CAUSE, subtotal_amount=5)
    assert [each["sql"].split()[0] for each in queries] == ["UPDATE", "INSERT"]
    assert order.subtotal_amount == 5
    assert Order.objects.get().subtotal_amount == 5
