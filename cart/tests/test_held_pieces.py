"""The list of items in the admin says how many pieces are being paid."""

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from cart.admin.held_pieces import held_pieces, read_held_pieces
from cart.models import Order, State
from store.models import Item


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=1)
    return made


def add_order(item: Item, state: State, held: int) -> None:
    paid = {"paid_at": item.created_at} if state == State.PAID else {}
    order = Order.objects.create(state=state, currency="USD", **paid)
    order.lines.create(item=item, quantity=3, name="Mug", unit_amount=1999, held_quantity=held)


def test_the_pieces_of_unpaid_orders_are_shown(admin_client: Client, mug: Item) -> None:
    for state, held in (
        (State.CHECKOUT, 2),
        (State.PAID, 3),
        (State.CART, 0),
        (State.CANCELLED, 0),
    ):
        add_order(mug, state, held)
    page = admin_client.get("/admin/store/item/").content.decode()
    assert "3, of which 2 are being paid" in page
    add_order(mug, State.PROCESSING, 3)  # a voucher
    page = admin_client.get("/admin/store/item/").content.decode()
    assert "6, of which 5 are being paid" in page


def shown(item: Item) -> str:
    read_held_pieces([item])
    return held_pieces(item)


def test_nothing_is_said_of_items_that_nobody_pays_for(mug: Item, make_item: Any) -> None:
    assert shown(mug) == ""
    endless = make_item(stock=None)
    add_order(endless, State.CHECKOUT, 0)
    assert shown(endless) == ""
    add_order(mug, State.CHECKOUT, 1)
    assert shown(mug) == "2, of which 1 is being paid"
    mug.stock = None  # set by staff while it was being paid
    assert shown(mug) == ""


def test_in_russian(mug: Item) -> None:
    add_order(mug, State.CHECKOUT, 2)
    with override("ru"):
        assert shown(mug) == "3, из них 2 сейчас оплачивают"
