"""One open order per visitor and currency, and copies of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cart.copies import locked_open_order, merge_into_cart, supersede, take_paid_lines_out
from cart.models import Discount, Order, State
from cart.signals import order_superseded


@pytest.mark.django_db
def test_a_cart_that_a_parallel_request_makes_first_is_used() -> None:
    made: list[Order] = []

    def make_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("SAVEPOINT") and not made:  # after this, an error would undo it
            made.append(Order(visitor="v", currency="USD"))
            made[0].save()
        return execute(sql, *rest)

    with connection.execute_wrapper(make_first):
        assert locked_open_order("v", "USD").token == made[0].token
    assert Order.objects.count() == 1


def test_an_order_that_no_constraint_allows_is_not_tried_for_ever(db: None) -> None:
    with pytest.raises(Order.DoesNotExist):
        locked_open_order("v", "XXX")


def test_a_merge_keeps_the_code_of_the_cart(make_item: Any) -> None:
    ten, five = (Discount.objects.create(code=code, percent=Decimal(5)) for code in ("TEN", "FIVE"))
    failed = Order.objects.create(visitor="v", currency="USD", discount=ten, state=State.PROCESSING)
    cart = Order.objects.create(visitor="v", currency="USD", discount=five)
    merge_into_cart(failed, at=timezone.now())
    cart.refresh_from_db()
    assert cart.discount == five


def test_a_copy_keeps_what_a_retry_and_a_hold_need(db: None) -> None:
    held_since = timezone.now() - timedelta(hours=1)
    order = Order.objects.create(
        visitor="v",
        currency="USD",
        state=State.CHECKOUT,
        held_since=held_since,
        submission_ids=["press"],
    )
    copy = supersede(order, at=timezone.now())
    assert (copy.visitor, copy.held_since, copy.copied_from) == ("v", held_since, order)
    assert copy.submission_ids == ["press"]


@pytest.mark.django_db
def test_an_error_of_an_app_that_is_told_of_a_copy_is_logged(
    django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It must not become the buyer's error: the copy is stored already."""
    order = Order.objects.create(visitor="v", currency="USD", state=State.CHECKOUT)

    def fail(order: Order, **_values: Any) -> None:
        raise ValueError(f"told of {order}")

    order_superseded.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            supersede(order, at=timezone.now())
    finally:
        order_superseded.disconnect(fail)
    assert f"told of {order}" in caplog.text


def test_a_paid_order_without_a_copy_takes_nothing_out(db: None) -> None:
    """Its copy was an idle cart that the clean-up has deleted."""
    order = Order.objects.create(
        visitor="v", currency="USD", state=State.CANCELLED, superseded_at=timezone.now()
    )
    take_paid_lines_out(order, at=timezone.now())
    assert Order.objects.count() == 1
