"""cart.shipped: staff mark a paid order as shipped, once, and can correct it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cart.models import TO_SHIP, HistoryKind, Order, State
from cart.shipped import (
    CannotBeShipped,
    NotShipped,
    ShippedAlready,
    Tracking,
    change_tracking,
    mark_not_shipped,
    mark_shipped,
)
from cart.signals import order_shipped, order_shipped_in_transaction

PARCEL = Tracking("LD 12", "https://carrier.example/LD12")


@pytest.fixture
def order(db: None) -> Order:
    paid = {"state": State.PAID, "paid_at": timezone.now(), "total_amount": 500}
    return Order.objects.create(currency="USD", needs_shipping=True, **paid)


@pytest.fixture
def sent() -> Iterator[list[tuple[str, str, bool, bool]]]:
    """The signals: name, tracking number, notify, and whether a transaction was open."""
    signals = {"inside": order_shipped_in_transaction, "after": order_shipped}
    received: list[tuple[str, str, bool, bool]] = []
    receivers = []
    for name, signal in signals.items():

        def receive(order: Order, notify: bool, name: str = name, **_: Any) -> None:
            is_open = connection.in_atomic_block
            received.append((name, order.tracking_number, notify, is_open))

        signal.connect(receive)
        receivers.append((signal, receive))
    yield received
    for signal, receive in receivers:
        signal.disconnect(receive)


def ship(order: Order, by: str = "anna", tracking: Tracking = PARCEL, notify: bool = True) -> None:
    mark_shipped(order.pk, tracking, notify=notify, by=by, at=timezone.now())
    order.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_marks_the_order_and_sends_both_signals(
    order: Order, sent: list[tuple[str, str, bool, bool]]
) -> None:
    ship(order, notify=False)
    assert order.shipped_at
    assert (order.tracking_number, order.tracking_url) == (PARCEL.number, PARCEL.url)
    assert sent == [("inside", "LD 12", False, True), ("after", "LD 12", False, False)]
    step = order.history.get()
    assert (step.kind, step.reference, step.detail) == (HistoryKind.SHIPPED, "anna", "")


def test_a_second_press_is_told_who_marked_it(
    order: Order, sent: list[tuple[str, str, bool, bool]]
) -> None:
    ship(order)
    shipped_at = order.shipped_at
    with pytest.raises(ShippedAlready) as refused:
        ship(order, by="ben", tracking=Tracking("OTHER"))
    assert (refused.value.by, refused.value.at) == ("anna", shipped_at)
    order.refresh_from_db()
    assert order.tracking_number == "LD 12"
    assert [name for name, *_ in sent] == ["inside"]


@pytest.mark.parametrize(
    "changes",
    [
        {"needs_shipping": False},
        {"state": State.CHECKOUT, "paid_at": None},
        {"refunded_amount": 500},
    ],
)
def test_refuses_what_is_not_paid_or_not_sent(order: Order, changes: dict[str, Any]) -> None:
    Order.objects.update(**changes)
    with pytest.raises(CannotBeShipped):
        ship(order)
    assert not order.history.exists()


def test_the_tracking_is_corrected(order: Order) -> None:
    ship(order)
    for tracking in (Tracking("NEW"), Tracking("NEW")):
        change_tracking(order.pk, tracking, notify=False, by="ben", at=timezone.now())
    order.refresh_from_db()
    assert (order.tracking_number, order.tracking_url) == ("NEW", "")
    kinds = order.history.values_list("kind", "reference", "detail")
    assert list(kinds) == [("shipped", "anna", ""), ("tracking", "ben", "")]


def test_can_be_taken_back_and_marked_again(order: Order) -> None:
    ship(order)
    mark_not_shipped(order.pk, by="ben", at=timezone.now())
    order.refresh_from_db()
    assert (order.shipped_at, order.tracking_number, order.tracking_url) == (None, "", "")
    with pytest.raises(NotShipped):
        mark_not_shipped(order.pk, by="ben", at=timezone.now())
    with pytest.raises(NotShipped):
        change_tracking(order.pk, PARCEL, notify=True, by="ben", at=timezone.now())
    ship(order, by="carl")
    with pytest.raises(ShippedAlready) as refused:
        ship(order)
    assert refused.value.by == "carl"


def test_to_ship_is_what_is_paid_and_neither_sent_nor_refunded(order: Order) -> None:
    def is_to_ship(**changes: Any) -> bool:
        before = Order.objects.filter(pk=order.pk).values().get()
        Order.objects.update(**changes)
        order.refresh_from_db()
        found = Order.objects.filter(TO_SHIP).exists()
        assert found == order.is_to_ship
        Order.objects.update(**before)
        return found

    assert is_to_ship()
    assert is_to_ship(refunded_amount=499)
    assert is_to_ship(total_amount=0)
    assert not is_to_ship(refunded_amount=500)
    assert not is_to_ship(shipped_at=timezone.now() - timedelta(days=1))
    assert not is_to_ship(needs_shipping=False)
    assert not is_to_ship(state=State.CART, paid_at=None)
