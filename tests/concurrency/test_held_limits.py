"""One address presses many times at once: the limits on what it holds are kept all the same."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.support.buyers import Visitor, transport
from tests.support.clusters import Cluster

TIMES = 32
type Press = Callable[[], httpx.Response]
type NewVisitor = Callable[[str], Visitor]


@pytest.fixture
def visitor_at(limiting_cluster: Cluster) -> Iterator[NewVisitor]:
    """Makes visitors at an address, as a proxy names it."""
    connections = transport()

    def make(address: str) -> Visitor:
        visitor = Visitor(limiting_cluster, connections)
        visitor.http.headers["X-Forwarded-For"] = address
        return visitor

    yield make
    connections.close()


def make_item(cluster: Cluster, **values: Any) -> int:
    """The id of a new item."""
    values = {"name": "Rare", "price": 5, "currency": "USD"} | values
    made = f"from store.models import Item; print(Item.objects.create(**{values!r}).pk)"
    return int(cluster.run_python(made))


def stock_of(cluster: Cluster, item: int) -> int:
    return int(
        cluster.run_python(
            f"from store.models import Item; print(Item.objects.get(pk={item}).stock)"
        )
    )


def at_once(presses: Sequence[Press]) -> Counter[str]:
    """How many got a session, and how many which error."""
    start = Barrier(len(presses))

    def wait_and_press(press: Press) -> str:
        start.wait()
        answer = press()
        return "session" if answer.status_code == 200 else str(answer.json()["error"]["code"])

    with ThreadPoolExecutor(len(presses)) as pool:
        return Counter(pool.map(wait_and_press, presses))


def test_one_address_gets_four_pieces(limiting_cluster: Cluster, visitor_at: NewVisitor) -> None:
    item = make_item(limiting_cluster, stock=16)
    visitors = [visitor_at("10.0.0.1") for _ in range(TIMES)]
    presses = [partial(each.get, f"/buy/{item}") for each in visitors]
    assert at_once(presses) == {"session": 4, "hold_refused": TIMES - 4}
    assert stock_of(limiting_cluster, item) == 12


def test_one_address_gets_nine_attempts(limiting_cluster: Cluster, visitor_at: NewVisitor) -> None:
    """Each buys another item, so that no row is the same."""
    items = [make_item(limiting_cluster) for _ in range(TIMES)]
    visitors = [visitor_at("10.0.0.2") for _ in items]
    presses = [
        partial(each.get, f"/buy/{item}") for each, item in zip(visitors, items, strict=True)
    ]
    assert at_once(presses) == {"session": 9, "hold_refused": TIMES - 9}


def test_one_address_gets_a_limited_code_once(
    limiting_cluster: Cluster, visitor_at: NewVisitor
) -> None:
    item = make_item(limiting_cluster)
    limiting_cluster.run_python(
        "from cart.models import Discount;"
        "Discount.objects.create(code='MANY', percent=10, max_redemptions=100)"
    )
    visitors = [visitor_at("10.0.0.3") for _ in range(TIMES)]
    for each in visitors:
        assert each.add(item).status_code == 303
        assert each.apply("many").status_code == 303
    presses = [partial(each.get, "/order/buy") for each in visitors]
    assert at_once(presses) == {"session": 1, "hold_refused": TIMES - 1}


def test_one_visitor_at_two_addresses_gets_four_pieces(
    limiting_cluster: Cluster, visitor_at: NewVisitor
) -> None:
    """Four pieces in the cart and one alone, at the same time."""
    presses: list[Press] = []
    items = [make_item(limiting_cluster, stock=16) for _ in range(8)]
    for number, item in enumerate(items):
        visitor = visitor_at(f"10.0.1.{number}")
        assert visitor.add(item, quantity=4).status_code == 303
        elsewhere = {"X-Forwarded-For": f"10.0.2.{number}"}
        presses.append(partial(visitor.get, "/order/buy"))
        presses.append(partial(visitor.get, f"/buy/{item}", headers=elsewhere))
    assert at_once(presses) == {"session": len(items), "hold_refused": len(items)}
    assert all(stock_of(limiting_cluster, item) in (12, 15) for item in items)
