from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.freezing import AlreadyOpen, freeze_item, freeze_order
from cart.holds import SoldOut, release
from cart.item_quote import quote_item
from cart.models import Cause, Discount, HistoryKind, LineTax, Order, State, Tax
from store.models import Item


def freeze(item: Item, buy_key: str = "a") -> Order:
    quote = quote_item(item)
    return freeze_item(quote, address_hash="", buy_key=buy_key, at=timezone.now()).order


def test_freezing_copies_name_and_price_and_takes_stock(make_item: Any) -> None:
    item = make_item(stock=3)
    order = freeze(item)
    Item.objects.update(name="Renamed", price=1)
    line = order.lines.get()
    assert (line.name, line.unit_amount, order.total_amount) == ("Mug", 1999, 1999)
    assert order.state == State.CHECKOUT
    item.refresh_from_db()
    assert item.stock == 2


def test_locking_an_order_joins_no_other_table(db: None) -> None:
    """After waiting for a lock, PostgreSQL returns the new order with old rows of other tables."""
    order = Order.objects.create(currency="USD")
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        Order.objects.locked(order.pk)
    assert not any("JOIN" in each["sql"] for each in queries)


def test_sold_out_makes_no_order(make_item: Any) -> None:
    with pytest.raises(SoldOut):
        freeze(make_item(stock=0))
    assert not Order.objects.exists()


def test_a_second_press_of_buy_takes_no_stock(make_item: Any) -> None:
    item = make_item(stock=3)
    freeze(item)
    with pytest.raises(AlreadyOpen):
        freeze(item)
    item.refresh_from_db()
    assert item.stock == 2
    assert Order.objects.count() == 1


def test_a_repeated_release_returns_the_stock_once(make_item: Any) -> None:
    item = make_item(stock=1)
    order = freeze(item)
    release(order, at=timezone.now(), cause=Cause(HistoryKind.RECONCILER))
    release(order, at=timezone.now(), cause=Cause(HistoryKind.RECONCILER))
    item.refresh_from_db()
    assert item.stock == 1
    assert Order.objects.get().state == State.CANCELLED


def test_stock_that_was_not_taken_is_not_returned(item: Item) -> None:
    """The item had no stock when it was ordered, and has one when the order is released."""
    order = freeze(item)
    Item.objects.update(stock=5)
    release(order, at=timezone.now(), cause=Cause(HistoryKind.RECONCILER))
    item.refresh_from_db()
    assert item.stock == 5


def test_a_tax_that_is_added_while_freezing_is_not_counted(item: Item) -> None:
    """On PostgreSQL each statement of a transaction sees what others committed meanwhile."""
    Tax.objects.create(display_name="VAT", percentage=20)

    statements: list[str] = []

    def add_a_tax_after_the_first_query(execute: Any, sql: str, *rest: Any) -> Any:
        before = statements[-1] if statements else ""
        statements.append(sql)
        if before.startswith("SELECT") and '"cart_tax"' in before:
            Tax.objects.create(display_name="Levy", percentage=1)
        return execute(sql, *rest)

    with connection.execute_wrapper(add_a_tax_after_the_first_query):
        order = freeze(item)
    assert [tax.display_name for tax in order.taxes.all()] == ["VAT"]
    assert order.total_amount == 1999 + 400


def test_an_ordered_item_cannot_be_deleted(item: Item) -> None:
    freeze(item)
    with pytest.raises(ProtectedError):
        item.delete()


def test_items_are_read_once_with_their_rows_locked(make_item: Any) -> None:
    """Staff who edit one of them wait, so that what is sold is what was quoted.

    PostgreSQL checks the item of each new line at commit. If this waited for locked rows, two carts
    with the same two items could deadlock.
    """
    cart = Order.objects.create(currency="USD")
    for number in range(2):
        item = make_item(stock=3)
        cart.lines.create(item=item, name=str(number), unit_amount=item.amount)
    with CaptureQueriesContext(connection) as queries:
        freeze_order(cart, shown_fingerprint=None, address_hash="", at=timezone.now())
    selects = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    (read,) = [sql for sql in selects if '"store_item"' in sql]
    if connection.vendor == "postgresql":
        assert read.endswith(
            'ORDER BY "cart_orderline"."item_id" ASC FOR NO KEY UPDATE OF "store_item"'
        )


def test_lines_keep_their_share_of_the_discount_and_of_each_tax(make_item: Any) -> None:
    for name, percentage in (("VAT", 20), ("Levy", 9)):
        Tax.objects.create(display_name=name, percentage=percentage)
    discount = Discount.objects.create(code="FIVE", amount=500, currency="USD")
    cart = Order.objects.create(currency="USD", discount=discount)
    for price in (10, 20):
        item = make_item(price=price)
        cart.lines.create(item=item, name=item.name, unit_amount=item.amount)
    order = freeze_order(cart, shown_fingerprint=None, address_hash="", at=timezone.now()).order
    lines = [
        (line.discount_amount, [tax.amount for tax in line.taxes.all()])
        for line in order.lines.all()
    ]
    assert lines == [(166, [167, 75]), (334, [333, 150])]
    assert [tax.amount for tax in order.taxes.all()] == [500, 225]
    assert str(LineTax.objects.first()) == "VAT 20 %: 167"
    release(order, at=timezone.now(), cause=Cause(HistoryKind.RECONCILER))
    assert [line.discount_amount for line in order.lines.all()] == [0, 0]
    assert not LineTax.objects.exists()
