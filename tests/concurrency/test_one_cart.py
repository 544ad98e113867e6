"""Concurrent changes of one visitor's cart, at several server processes on one database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.support.buyers import Visitor, transport
from tests.support.clusters import Cluster

TIMES = 32


@pytest.fixture
def visitor(cluster: Cluster) -> Iterator[Visitor]:
    """A visitor with one piece of item 1 in the cart, and so with a session."""
    connections = transport()
    visitor = Visitor(cluster, connections)
    assert visitor.add(make_item(cluster)).status_code == 303
    yield visitor
    connections.close()


def make_item(cluster: Cluster, **values: Any) -> int:
    """The id of a new item."""
    values = {"name": "Mug", "price": 5, "currency": "USD"} | values
    made = f"from store.models import Item; print(Item.objects.create(**{values!r}).pk)"
    return int(cluster.run_python(made))


def at_once(act: Callable[[int], httpx.Response]) -> list[int]:
    """Call `act` with the numbers from 0 to TIMES at the same time; return the statuses."""
    start = Barrier(TIMES)

    def wait_and_act(number: int) -> int:
        start.wait()
        return act(number).status_code

    with ThreadPoolExecutor(TIMES) as pool:
        return list(pool.map(wait_and_act, range(TIMES)))


def carts(cluster: Cluster, visitor: Visitor, currency: str) -> str:
    """The visitor's open carts of this currency with their quantities."""
    return cluster.run_python(f"""
from django.contrib.sessions.backends.db import SessionStore
from cart.models import Order
visitor = SessionStore({visitor.http.cookies["sessionid"]!r})["visitor"]
for order in Order.objects.open_for(visitor).filter(currency={currency!r}):
    print(order.state, sorted(order.lines.values_list("quantity", flat=True)))
""").strip()


def test_first_adds_in_a_second_currency_end_in_one_cart(
    cluster: Cluster, visitor: Visitor
) -> None:
    item = make_item(cluster, currency="EUR")
    assert at_once(lambda _number: visitor.add(item)) == [303] * TIMES
    assert carts(cluster, visitor, "EUR") == f"cart [{TIMES}]"


def test_edits_of_an_order_in_checkout_end_in_one_copy(cluster: Cluster, visitor: Visitor) -> None:
    assert visitor.get("/order/buy").status_code == 200
    items = [make_item(cluster, name="Pot"), make_item(cluster, name="Pan")]
    assert at_once(lambda number: visitor.add(items[number % 2])) == [303] * TIMES
    half = TIMES // 2
    assert carts(cluster, visitor, "USD") == f"cart [1, {half}, {half}]"


def test_edits_and_presses_of_buy_pay_each_piece_once(cluster: Cluster, visitor: Visitor) -> None:
    """Half of the requests add a piece, the others press Buy and pay what they are given."""
    item = make_item(cluster)

    def add_or_pay(number: int) -> httpx.Response:
        if number % 2:
            return visitor.add(item)
        answer = visitor.get("/order/buy")
        if answer.status_code == 200:
            address = f"/_sandbox/sessions/{answer.json()['id']}/pay"
            cluster.local_stripe.http.post(address, json={"email": "buyer@shop.example"})
        return answer

    assert not {500, 502} & set(at_once(add_or_pay))
    cluster.local_stripe.configure(webhook_url=None)
    paid_and_left = cluster.run_python(f"""
from datetime import timedelta
from django.utils import timezone
from cart.models import OrderLine
from payments.reconcile import reconcile
list(reconcile(older_than=timedelta(0), at=timezone.now()))
lines = OrderLine.objects.filter(item={item})
paid = lines.filter(order__state="paid")
left = lines.filter(order__state__in=["cart", "checkout"], order__superseded_at=None)
print(sum(line.quantity for line in [*paid, *left]))
""")
    assert int(paid_and_left) == TIMES // 2
